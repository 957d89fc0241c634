import type { HttpRequest } from '@azure/functions';
import type { HttpAnswer } from '../../http/answer.ts';
import type { AdmittingRoute } from '../../identity/identity.ts';
import { chatDialect } from '../../model/dialect.ts';
import { chatErrorEvent } from './errors.ts';
import { type MeteredApi, type OpenAiGatewayServices, passMetered } from './metered-call.ts';
import { withoutUsage } from './without-usage.ts';

const api: MeteredApi = {
  path: '/chat/completions',
  reader: 'chat',
  dialect: chatDialect,
  errorEvent: chatErrorEvent,
  strip: withoutUsage,
};

/** One chat completion. Where its stream would not say what it used, the provider is asked for it and the client does not see it. */
export const passChatCompletion = (
  request: HttpRequest,
  services: OpenAiGatewayServices,
  requestId: string,
  route: AdmittingRoute,
): Promise<HttpAnswer> => passMetered(request, services, requestId, route, api);
