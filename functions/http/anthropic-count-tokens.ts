import { app } from '@azure/functions';
import { anthropicFailure } from '../../shared/doors/anthropic/errors.ts';
import { passTokenCount } from '../../shared/doors/anthropic/messages.ts';
import { door } from '../../shared/doors/door.ts';
import { services } from '../services.ts';

app.http('anthropic-count-tokens', {
  route: 'anthropic/v1/messages/count_tokens',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: door({ services, failure: anthropicFailure }, passTokenCount),
});
