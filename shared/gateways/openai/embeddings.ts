import type { HttpRequest } from '@azure/functions';
import type { HttpAnswer } from '../../http/answer.ts';
import type { AdmittingRoute } from '../../identity/identity.ts';
import { embeddingsDialect } from '../../model/dialect.ts';
import { chatErrorEvent } from './errors.ts';
import { type MeteredApi, type OpenAiGatewayServices, passMetered } from './metered-call.ts';

const api: MeteredApi = {
  path: '/embeddings',
  reader: 'embeddings',
  dialect: embeddingsDialect,
  errorEvent: chatErrorEvent,
};

/** One request for embeddings. */
export const passEmbeddings = (
  request: HttpRequest,
  services: OpenAiGatewayServices,
  requestId: string,
  route: AdmittingRoute,
): Promise<HttpAnswer> => passMetered(request, services, requestId, route, api);
