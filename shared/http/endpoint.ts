import type { HttpRequest } from '@azure/functions';
import type { Settings } from '../config/settings.ts';
import { idempotencyKeyOf } from '../idempotency/idempotency-key.ts';
import type { KeyedRuns } from '../idempotency/keyed-runs.ts';
import type { Caller, IdentityServices } from '../identity/caller.ts';
import { admit, identify } from '../identity/identity.ts';
import { admitRate } from '../rate-limits/admit-rate.ts';
import type { RateLimits } from '../rate-limits/rate-limits.ts';
import { reportFailure } from '../telemetry/report-failure.ts';
import { inRequest, openRequest } from '../telemetry/request-scope.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type AnswerHandler, type Failure, failure, failureOf, type HttpAnswer, problem, success } from './answer.ts';
import { corsHeaders } from './cors.ts';
import { decodeRouteRequest } from './decode-route.ts';
import { eventStream, silent, wantsEvents } from './event-stream.ts';
import { refuseForgedHeaders } from './forged-headers.ts';
import { keyedWork, type Work } from './keyed-work.ts';
import { type BodyOf, type DataOf, type ParamsOf, type QueryOf, type Route, successStatus } from './route.ts';

/** What every endpoint needs of the app's services. */
export interface HttpServices extends IdentityServices {
  settings: Settings;
  telemetry: Telemetry;
  /** For paid routes. */
  keyedRuns: KeyedRuns;
  rateLimits: RateLimits;
}

/** What `respond` has to know besides the work. */
export interface RespondOptions<T> {
  /** Headers of an answer that is not an event stream, from the result. */
  headersOf?: (data: T) => Record<string, string>;
  /** What makes the request the same as another one with its `Idempotency-Key`, as JSON; absent: the decoded body. */
  content?: () => unknown;
  /** Called once the work is done or is not needed. */
  release?: () => void;
}

/** What a handler comes to: data for the envelope, or an answer that is encoded already (events, bare JSON). */
export type Reply<T> = { data: T; headers?: Record<string, string> } | { encoded: HttpAnswer };

/** One request whose caller is known and admitted, and whose parameters, query and JSON body are decoded. */
export interface EndpointCall<R extends Route, S> {
  request: HttpRequest;
  /** `x-request-id` of the answer. */
  requestId: string;
  params: ParamsOf<R>;
  query: QueryOf<R>;
  body: BodyOf<R>;
  /** Undefined only on routes for anyone. */
  caller: R['access'] extends 'anyone' ? undefined : Caller;
  services: S;
  /**
   * Answers with the result of `work`, in the envelope; as server-sent events to a client that asked for them.
   * What is thrown in `work` comes after the 200 of an event stream. On a paid route a request with an `Idempotency-Key` gets the
   * first result of its key.
   */
  respond<T>(work: Work<T>, options?: RespondOptions<T>): Promise<Reply<T>>;
}

/**
 * The handler of a route. It never throws and always answers, whatever happens: on a streaming host a request would
 * hang for ever otherwise. It decides who calls, decodes the request and puts the CORS headers on every answer.
 */
export function endpoint<const R extends Route, S extends HttpServices>(
  route: R,
  services: () => S,
  handle: (call: EndpointCall<R, S>) => Promise<Reply<DataOf<R>>>,
): AnswerHandler {
  const encode = route.dialect === 'bare' ? problem : failure;
  return async (request, context) => {
    const scope = openRequest(request.headers, context.invocationId);
    let built: S | undefined;
    const fail = (error: unknown): Failure => {
      const reported = failureOf(error, route.unexpected);
      reportFailure(
        built?.telemetry,
        context.functionName,
        { status: reported.status, code: reported.body.code },
        error,
      );
      return reported;
    };
    const answered = async (built: S): Promise<HttpAnswer> => {
      refuseForgedHeaders(request);
      const caller = await callerOf(request, built, route);
      if (route.paid && caller) admitRate(built.rateLimits, caller);
      const key = route.paid ? idempotencyKeyOf(request.headers) : undefined;
      const decoded = await decodeRouteRequest(route, request, built.settings);
      const { keyedRuns } = built;
      const respond: EndpointCall<R, S>['respond'] = async (work, options = {}) => {
        const { headersOf, content = () => decoded.body, release } = options;
        const run = keyedWork(work, { keyedRuns, route, caller, key, content, release });
        if (wantsEvents(request.headers))
          return { encoded: eventStream(async (...args) => (await run(...args)).data, { failureOf: fail }) };
        const { data, isReplay } = await run(silent, new AbortController().signal);
        return { data, headers: { ...headersOf?.(data), ...(isReplay && { 'idempotency-replayed': 'true' }) } };
      };
      const reply = await handle({
        request,
        requestId: context.invocationId,
        caller,
        services: built,
        respond,
        ...decoded,
      } as EndpointCall<R, S>);
      if ('encoded' in reply) return reply.encoded;
      return success(reply.data, successStatus(route), reply.headers);
    };
    const finished = ({ headers, ...answer }: HttpAnswer): HttpAnswer => {
      const cors = built ? corsHeaders(request.headers.get('origin'), built.settings.CORS_ORIGINS) : {};
      return { ...answer, headers: { ...headers, ...cors, ...scope.headers } };
    };
    try {
      // Outside of the request's scope: this begins loops of the process.
      built = services();
    } catch (error) {
      return finished(encode(fail(error)));
    }
    const ready = built;
    return inRequest(scope, async () => finished(await answered(ready).catch((error) => encode(fail(error)))));
  };
}

async function callerOf(request: HttpRequest, services: IdentityServices, route: Route): Promise<Caller | undefined> {
  if (route.access === 'anyone') return undefined;
  const caller = await identify(request, services);
  admit(caller, route, request.headers);
  return caller;
}
