import type { HttpHandler, HttpMethod, HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Settings } from '../config/settings.ts';
import type { Access, Caller } from '../identity/caller.ts';
import { admit, identify } from '../identity/identity.ts';
import { describeError, jsonTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { type Failure, failure, failureOf, type HttpAnswer, success } from './answer.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { eventStream, type Progress, silent, wantsEvents } from './event-stream.ts';
import { refuseForgedHeaders } from './forged-headers.ts';

/** What every endpoint needs of the app's services. */
export interface HttpServices {
  settings: Settings;
  telemetry: Telemetry;
}

/** One request whose caller is known and admitted. `caller` is absent only on routes for anyone. */
export interface EndpointCall<S, C = Caller> {
  request: HttpRequest;
  caller: C;
  services: S;
  /**
   * Answers with what `work` comes to, in the envelope; as server-sent events to whom asked for them.
   * Decode the request before: what is thrown here comes after the 200 of an event stream.
   * `headersOf`: headers of an answer that is not an event stream, from what the work came to.
   */
  respond<T>(
    work: (progress: Progress, signal: AbortSignal) => Promise<T>,
    headersOf?: (data: T) => Record<string, string>,
  ): Promise<HttpAnswer>;
}

interface Rules<S> {
  services: () => S;
  /** The methods of the route beside OPTIONS. */
  methods: HttpMethod[];
  access: Access;
  /** What people read when something unforeseen happens. */
  unexpected?: string;
}

/**
 * The handler of a route. It never throws and always answers, whatever happens: on a streaming host a request would
 * hang for ever otherwise. It answers preflights, decides who calls, and puts the CORS headers on every answer.
 */
export function endpoint<S extends HttpServices>(
  rules: Rules<S> & { access: Role },
  handle: (call: EndpointCall<S>) => Promise<HttpAnswer>,
): HttpHandler;
export function endpoint<S extends HttpServices>(
  rules: Rules<S> & { access: 'anyone' },
  handle: (call: EndpointCall<S, undefined>) => Promise<HttpAnswer>,
): HttpHandler;
export function endpoint<S extends HttpServices>(
  rules: Rules<S>,
  handle: (call: EndpointCall<S, never>) => Promise<HttpAnswer>,
): HttpHandler {
  return async (request, context): Promise<HttpResponseInit> => {
    let services: S | undefined;
    const fail = (error: unknown): Failure => {
      const told = failureOf(error, rules.unexpected);
      // Without services (a setting is wrong) there is no telemetry either.
      report(services?.telemetry ?? withoutServices, context.functionName, told, error);
      return told;
    };
    const answered = async (): Promise<HttpAnswer> => {
      services = rules.services();
      refuseForgedHeaders(request);
      if (request.method === 'OPTIONS')
        return { status: 204, headers: preflightHeaders([...rules.methods, 'OPTIONS']) };
      const caller = await callerOf(request.headers, services.settings, rules.access);
      const respond: EndpointCall<S>['respond'] = async (work, headersOf) => {
        if (wantsEvents(request.headers)) return eventStream(work, { failureOf: fail });
        const data = await work(silent, new AbortController().signal);
        return success(data, 200, headersOf?.(data));
      };
      return handle({ request, caller, services, respond } as EndpointCall<S, never>);
    };
    const answer = await answered().catch((error: unknown) => failure(fail(error)));
    const cors = services ? corsHeaders(request.headers.get('origin'), services.settings.CORS_ORIGINS) : {};
    return { ...answer, headers: { ...answer.headers, ...cors, 'x-request-id': context.invocationId } };
  };
}

/** Where a wrong setting is reported, which leaves no services. */
const withoutServices = jsonTelemetry();

type Role = Exclude<Access, 'anyone'>;

async function callerOf(headers: Headers, settings: Settings, access: Access): Promise<Caller | undefined> {
  if (access === 'anyone') return undefined;
  const caller = await identify(headers, settings);
  admit(caller, access);
  return caller;
}

/** What the caller can't see. A request that was wrong is counted; what we did wrong is logged with its reason. */
function report(telemetry: Telemetry, functionName: string, told: Failure, error: unknown): void {
  telemetry.count('requests-failed', 1, { function: functionName, code: told.body.code, status: String(told.status) });
  if (told.status >= 500) telemetry.error('request-failed', { function: functionName, ...describeError(error) });
}
