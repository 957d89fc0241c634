import { app } from '@azure/functions';
import { anthropicFailure } from '../../../shared/gateways/anthropic/errors.ts';
import { passMessage } from '../../../shared/gateways/anthropic/messages.ts';
import { gateway } from '../../../shared/gateways/gateway.ts';
import { services } from '../../services/services.ts';

app.http('anthropic-messages', {
  route: 'anthropic/v1/messages',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: gateway({ services, failure: anthropicFailure }, passMessage),
});
