import { app } from '@azure/functions';
import { anthropicFailure } from '../../shared/doors/anthropic/errors.ts';
import { passMessage } from '../../shared/doors/anthropic/messages.ts';
import { door } from '../../shared/doors/door.ts';
import { services } from '../services.ts';

app.http('anthropic-messages', {
  route: 'anthropic/v1/messages',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: door({ services, failure: anthropicFailure }, passMessage),
});
