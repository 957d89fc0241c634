import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HostKeys } from '../../messages.ts';
import { mayAdminister, mayEnter } from '../access.ts';
import type { App, AppFunction, Log } from '../app.ts';
import type { HostSettings } from '../host-json.ts';
import type { Invoke } from '../invoke.ts';
import { describe } from '../invoke.ts';
import { answerBuffered } from './http-buffered.ts';
import { answerStreaming } from './http-streaming.ts';
import { BodyTooLarge, bodyLimit, readBody } from './request-body.ts';
import { compileRoute, type Route, type RouteValues } from './route-template.ts';

interface RoutedFunction {
  target: AppFunction;
  route: Route;
  methods: Set<string>;
}

/** Answers `/admin/…` of a caller who may. */
export type Administer = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;

export interface HttpServerParts {
  app: App;
  settings: HostSettings;
  keys: HostKeys | undefined;
  invoke: Invoke;
  administer: Administer;
  env: NodeJS.ProcessEnv;
  log: Log;
}

/** Serves the app's HTTP functions by the host's rules. Not yet listening. */
export function createHttpServer(parts: HttpServerParts): Server {
  const routed = routeFunctions(parts.app.functions, parts.settings.routePrefix, parts.log);
  const limitBytes = bodyLimit(parts.env);
  // The front has refused requests that had to name a host.
  const options = { maxHeaderSize: 32 * 1024, keepAliveTimeout: 0, requireHostHeader: false };
  const server = createServer(options, (request, response) => {
    // Closing ends only the connections that are idle at that moment; the front would keep the others open.
    response.once('finish', () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    answer(request, response).catch((error: unknown) => {
      if (error instanceof BodyTooLarge) {
        parts.log(error.message);
        // The connection stays: Node reads and drops the body, so that its sender gets to the answer.
        return end(response, 500);
      }
      if (!request.destroyed) parts.log(`The host failed: ${describe(error)}`);
      if (!response.headersSent) response.writeHead(500, { 'content-length': '0', connection: 'close' });
      response.end();
    });
  });
  // Whether a client takes too long is for the front to judge.
  server.requestTimeout = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = readUrl(request);
    if (url === undefined) return end(response, 400);
    const path = decodePath(url.pathname);
    if (/^\/admin(?:\/|$)/i.test(path)) {
      if (!mayAdminister(request, url.searchParams, parts.keys)) return end(response, 401);
      return parts.administer(request, response, path.toLowerCase());
    }
    const found = match(routed, request.method ?? '', path);
    if (found === undefined) return end(response, 404);
    const { target, values } = found;
    if (!mayEnter(request, url.searchParams, target.metadata.name, target.trigger.authLevel, parts.keys)) {
      return end(response, 401);
    }
    const body = await readBody(request, limitBytes);
    const matched = { target, request, url, values, body };
    const { streamServer } = parts.app;
    if (streamServer === undefined) return answerBuffered(matched, response, parts.invoke);
    return answerStreaming(matched, response, parts.invoke, streamServer, limitBytes);
  }
  return server;
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': '0' }).end();
}

function match(
  routed: RoutedFunction[],
  method: string,
  path: string,
): { target: AppFunction; values: RouteValues } | undefined {
  for (const { target, route, methods } of routed) {
    const values = methods.size === 0 || methods.has(method) ? route(path) : undefined;
    if (values !== undefined) return { target, values };
  }
  return undefined;
}

function routeFunctions(functions: AppFunction[], prefix: string, log: Log): RoutedFunction[] {
  return functions
    .filter(({ trigger }) => trigger.type.toLowerCase() === 'httptrigger')
    .flatMap((target) => {
      const own = target.trigger.route ?? target.metadata.name;
      if (/^\/?(?:admin|runtime)/i.test(own)) {
        log('The specified route conflicts with one or more built in routes: not loaded.', target.metadata.name);
        return [];
      }
      const methods = new Set((target.trigger.methods ?? []).map((method) => method.toUpperCase()));
      return [{ target, route: compileRoute(prefix === '' ? own : `${prefix}/${own}`), methods }];
    });
}

function readUrl(request: IncomingMessage): URL | undefined {
  // Joined as text: a path that begins with two slashes would else be read as another host.
  const text = `http://${request.headers.host ?? '127.0.0.1'}${request.url ?? '/'}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Percent-decoded as the server under the host does it: an encoded slash stays encoded. */
function decodePath(pathname: string): string {
  return pathname.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return run
        .split(/(%2f)/i)
        .map((part) => (/^%2f$/i.test(part) ? part : decodeURIComponent(part)))
        .join('');
    } catch {
      return run; // Not UTF-8: taken as it is.
    }
  });
}
