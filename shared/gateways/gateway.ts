import type { HttpHandler, HttpRequest } from '@azure/functions';
import { TrailmeterError } from '../errors/trailmeter-error.ts';
import type { HttpAnswer } from '../http/answer.ts';
import { corsHeaders } from '../http/cors.ts';
import { refuseForgedHeaders } from '../http/forged-headers.ts';
import type { AdmittingRoute } from '../identity/identity.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import type { AdmissionServices } from './admission.ts';

export interface GatewayServices extends AdmissionServices {
  telemetry: Telemetry;
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
): HttpHandler {
  return async (request, context) => {
    const requestId = context.invocationId;
    let built: S | undefined;
    let answer: HttpAnswer;
    try {
      built = services();
      refuseForgedHeaders(request);
      answer = await handle(request, built, requestId, route);
    } catch (error) {
      answer = failure(error, requestId);
      const code = error instanceof TrailmeterError ? error.code : 'internal_error';
      built?.telemetry.count('requests-failed', 1, {
        function: context.functionName,
        code,
        status: String(answer.status),
      });
      if (answer.status >= 500)
        built?.telemetry.error('request-failed', { function: context.functionName, ...describeError(error) });
    }
    const cors = built ? corsHeaders(request.headers.get('origin'), built.settings.CORS_ORIGINS) : {};
    return { ...answer, headers: { 'x-request-id': requestId, ...answer.headers, ...cors } };
  };
}
