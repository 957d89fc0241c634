import type { HttpRequest } from '@azure/functions';
import type { HttpAnswer } from '../../http/answer.ts';
import type { AdmittingRoute } from '../../identity/identity.ts';
import { responsesDialect } from '../../model/dialect.ts';
import { responseErrorEvent } from './errors.ts';
import { type MeteredApi, type OpenAiGatewayServices, passMetered } from './metered-call.ts';

const api: MeteredApi = {
  path: '/responses',
  reader: 'responses',
  dialect: responsesDialect,
  errorEvent: responseErrorEvent,
};

/** One call of the Responses API. */
export const passResponse = (
  request: HttpRequest,
  services: OpenAiGatewayServices,
  requestId: string,
  route: AdmittingRoute,
): Promise<HttpAnswer> => passMetered(request, services, requestId, route, api);
