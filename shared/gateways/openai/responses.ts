import type { HttpRequest } from '@azure/functions';
import { invalidField } from '../../errors/request-errors.ts';
import type { HttpAnswer } from '../../http/answer.ts';
import type { AdmittingRoute } from '../../identity/identity.ts';
import { responsesDialect } from '../../model/dialect.ts';
import { responseErrorEvent } from './errors.ts';
import { type MeteredApi, type OpenAiGatewayServices, passMetered } from './metered-call.ts';

/** What the provider keeps may be another caller's, and is not in the request that would bound it. */
const kept = ['previous_response_id', 'conversation', 'prompt'];

/** @throws RequestError 400 for a request that continues what the provider keeps, or is answered later */
function refuseKept(body: unknown): void {
  const members = Object(body) as Record<string, unknown>;
  const found = kept.find((name) => (members[name] ?? null) !== null);
  if (found) throw invalidField(found, 'is not supported here: send the whole conversation in input');
  if (members['background'] === true) throw invalidField('background', 'must not be true here');
}

const api: MeteredApi = {
  path: '/responses',
  dialect: responsesDialect,
  errorEvent: responseErrorEvent,
  prepare(bytes, body) {
    refuseKept(body);
    return { bytes, isOurs: false };
  },
};

/** One call of the Responses API. */
export const passResponse = (
  request: HttpRequest,
  services: OpenAiGatewayServices,
  requestId: string,
  route: AdmittingRoute,
): Promise<HttpAnswer> => passMetered(request, services, requestId, route, api);
