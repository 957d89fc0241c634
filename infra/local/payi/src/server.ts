import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../../shared/util/clock.ts';
import { apiError, Problem, Refusal } from './http/api-error.ts';
import { type FaultRule, Faults, type Met, type PartialErrors } from './http/fault.ts';
import { faultAnswer, slowly } from './http/fault-answer.ts';
import { type Answer, bodyText, type Request, readBody, TooLarge, write } from './http/http.ts';
import { createRouter } from './http/router.ts';
import { createInspection, type Inspection } from './inspect.ts';
import { categoryRoutes } from './routes/categories.ts';
import { definitionRoutes } from './routes/definitions.ts';
import { ingestRoutes } from './routes/ingest.ts';
import { instanceRoutes } from './routes/instances.ts';
import { kpiRoutes } from './routes/kpis.ts';
import { limitRoutes } from './routes/limits.ts';
import { requestRoutes } from './routes/requests.ts';
import { standinRoutes } from './routes/standin.ts';
import { clearState, countUp, createState, type PayiOptions } from './state.ts';

export interface StartPayiOptions extends Partial<PayiOptions> {
  /** 0, the default, takes any free port. */
  port?: number;
  /** The only key that is let in; default: any. */
  apiKey?: string;
}

export interface PayiStandin {
  /** E.g. `http://127.0.0.1:4312`; the API is below `/api/v1`. */
  url: string;
  port: number;
  inspect: Inspection;
  faults: { add(...rules: FaultRule[]): void; clear(): void };
  /** Forgets everything, the faults too. */
  reset(): void;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Starts a substitute of Pay-i's REST API on 127.0.0.1. */
export async function startPayi(options: StartPayiOptions = {}): Promise<PayiStandin> {
  const { port = 0, apiKey, ...behaviour } = options;
  const state = createState({
    dialect: 'live',
    unknownUseCase: 'create',
    keepWhole: 10_000,
    clock: systemClock,
    ...behaviour,
  });
  const faults = new Faults();
  const inspect = createInspection(state, faults);
  let itemErrors: PartialErrors | undefined;
  const api = createRouter({
    ...ingestRoutes(state, () => itemErrors),
    ...limitRoutes(state),
    ...definitionRoutes(state),
    ...kpiRoutes(state),
    ...instanceRoutes(state),
    ...requestRoutes(state),
    ...categoryRoutes(state),
  });
  const standin = createRouter(standinRoutes(state, inspect, faults));
  const { clock, dialect } = state.options;

  function work(request: Request, text: string, met: Met | undefined): Answer {
    const key = dialect === 'guide' ? bearer(request) : request.header('xproxy-api-key');
    if (!key || (apiKey !== undefined && key !== apiKey)) {
      throw new Refusal(
        401,
        'invalid_api_key',
        `The header ${dialect === 'guide' ? 'authorization' : 'xProxy-api-key'} is missing or wrong.`,
      );
    }
    const match = api(request.method, request.path);
    itemErrors = met?.itemErrors; // read before any other request runs: handlers are synchronous
    return match.handler({ ...request, params: match.params, body: readJson(text) });
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = readUrl(incoming.url ?? '/');
    const method = incoming.method ?? 'GET';
    const text = await readBody(incoming, MAX_BODY_BYTES);
    const request = (path: string): Request => ({
      method,
      path,
      params: {},
      query: url.searchParams,
      header: (name) => headerText(incoming.headers[name]),
      body: undefined,
    });
    if (url.pathname.startsWith('/_standin')) {
      const match = standin(method, url.pathname);
      return write(response, match.handler({ ...request(url.pathname), body: readJson(text) }));
    }
    if (!url.pathname.startsWith('/api/v1/'))
      throw new Refusal(404, 'request_processing_error', 'There is no such path.');
    const path = url.pathname.slice('/api/v1'.length);
    const met = faults.meet(method, path, clock.now());
    if (met && met.delayMs > 0) await clock.sleep(met.delayMs);
    if (met?.dropBefore) return void incoming.socket.destroy();
    const refused = met && faultAnswer(met);
    const answer = refused && !met.afterAccept ? refused : answerOf(() => work(request(path), text, met));
    countUp(state.requests, `${routeName(method, path)} ${answer.status}`);
    if (met?.dropAfterAccept) return void incoming.socket.destroy();
    const sent = refused ?? answer;
    if (met?.slowBody !== undefined) return slowly(response, sent, met.slowBody, clock);
    const whole = bodyText(sent);
    return write(response, sent, met?.badJson ? whole.slice(0, Math.ceil(whole.length / 2)) : whole);
  }

  const routeName = (method: string, path: string): string => {
    try {
      return api(method, path).name;
    } catch {
      return 'unknown';
    }
  };

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      if (response.headersSent) incoming.socket.destroy();
      else if (!incoming.socket.destroyed) void write(response, errorAnswer(error));
    });
  });
  server.keepAliveTimeout = 65_000; // longer than any client keeps an idle connection, so that none is cut under a request
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const taken = (server.address() as AddressInfo).port;

  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    inspect,
    faults: { add: (...rules) => faults.add(rules, clock.now()), clear: () => faults.clear() },
    reset() {
      clearState(state);
      faults.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @throws Refusal when the target of the request is not a URL */
function readUrl(target: string): URL {
  // Joined as text: a path that begins with two slashes would else be read as another host.
  const text = `http://127.0.0.1${target}`;
  if (!target.startsWith('/') || !URL.canParse(text)) {
    throw new Refusal(404, 'request_processing_error', 'There is no such path.');
  }
  return new URL(text);
}

const bearer = (request: Request): string | undefined =>
  /^Bearer\s+(\S+)/i.exec(request.header('authorization') ?? '')?.[1];

const headerText = (value: string | string[] | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(String(value), 'latin1').toString('utf8');

/** What is not JSON is not a body: a route that wants one refuses it in its own shape, a route that wants none takes it. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function answerOf(work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    return errorAnswer(error);
  }
}

function errorAnswer(error: unknown): Answer {
  if (error instanceof Problem) return error.answer;
  if (error instanceof Refusal) return { status: error.body.statusCode, body: error.body };
  if (error instanceof TooLarge) {
    return { status: 413, body: apiError(413, 'request_processing_error', 'The body is too large.') };
  }
  return { status: 500, body: apiError(500, 'unexpected_error', error instanceof Error ? error.message : 'unknown') };
}
