import { app } from '@azure/functions';
import { anthropicFailure } from '../../../shared/gateways/anthropic/errors.ts';
import { passTokenCount } from '../../../shared/gateways/anthropic/messages.ts';
import { gateway } from '../../../shared/gateways/gateway.ts';
import { services } from '../../services/services.ts';

app.http('anthropic-count-tokens', {
  route: 'anthropic/v1/messages/count_tokens',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: gateway({ services, failure: anthropicFailure }, passTokenCount),
});
