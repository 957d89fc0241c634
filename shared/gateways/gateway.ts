import type { HttpRequest } from '@azure/functions';
import { TrailmeterError } from '../errors/trailmeter-error.ts';
import type { AnswerHandler, HttpAnswer } from '../http/answer.ts';
import { corsHeaders } from '../http/cors.ts';
import { refuseForgedHeaders } from '../http/forged-headers.ts';
import type { AdmittingRoute } from '../identity/identity.ts';
import type { RateLimits } from '../rate-limits/rate-limits.ts';
import { reportFailure } from '../telemetry/report-failure.ts';
import { inRequest, openRequest } from '../telemetry/request-scope.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { AdmissionServices } from './admission.ts';

export interface GatewayServices extends AdmissionServices {
  telemetry: Telemetry;
  rateLimits: RateLimits;
}

export interface GatewayOptions<S> {
  services: () => S;
  route: AdmittingRoute;
  /** How this gateway answers an error: in the dialect of the API that it stands for. */
  failure(error: unknown, requestId: string): HttpAnswer;
}

/** The handler of a gateway's route. It never throws and always answers: a streaming host would leave the client without an end. */
export function gateway<S extends GatewayServices>(
  { services, route, failure }: GatewayOptions<S>,
  handle: (request: HttpRequest, services: S, requestId: string, route: AdmittingRoute) => Promise<HttpAnswer>,
): AnswerHandler {
  return async (request, context) => {
    const scope = openRequest(request.headers, context.invocationId);
    const { requestId } = scope;
    let built: S | undefined;
    const failed = (error: unknown): HttpAnswer => {
      const answer = failure(error, requestId);
      const code = error instanceof TrailmeterError ? error.code : 'internal_error';
      reportFailure(built?.telemetry, context.functionName, { status: answer.status, code }, error);
      return answer;
    };
    const finished = ({ headers, ...answer }: HttpAnswer): HttpAnswer => {
      const cors = built ? corsHeaders(request.headers.get('origin'), built.settings.CORS_ORIGINS) : {};
      return { ...answer, headers: { ...scope.headers, ...headers, ...cors } };
    };
    try {
      // Outside of the request's scope: this begins loops of the process.
      built = services();
    } catch (error) {
      return finished(failed(error));
    }
    const ready = built;
    const answered = async (): Promise<HttpAnswer> => {
      refuseForgedHeaders(request);
      return handle(request, ready, requestId, route);
    };
    return inRequest(scope, async () => finished(await answered().catch(failed)));
  };
}
