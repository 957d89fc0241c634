import { RequestError } from '../errors/request-errors.ts';
import { anthropicFailure } from '../gateways/anthropic/errors.ts';
import { unsupportedPath } from '../gateways/anthropic/unsupported.ts';
import { openAiFailure } from '../gateways/openai/errors.ts';
import { unsupportedOpenAiPath } from '../gateways/openai/unsupported.ts';
import { proxyFailure } from '../gateways/payi-proxy/errors.ts';
import { type AnswerHandler, failure, failureOf, type HttpAnswer, problem } from '../http/answer.ts';
import { corsHeaders, preflightHeaders } from '../http/cors.ts';
import type { HttpServices } from '../http/endpoint.ts';
import { routesOfPath } from '../http/match-route.ts';
import type { Route } from '../http/route.ts';
import { openRequest } from '../telemetry/request-scope.ts';

type Listed = Pick<Route, 'path' | 'method' | 'dialect'>;

/**
 * Answers what no route takes: OPTIONS of every path, 405 for another method and 404 for another path. The host itself would answer
 * 404 without CORS headers, of which a script sees nothing.
 */
export function unrouted(services: () => Pick<HttpServices, 'settings'>, routes: readonly Listed[]): AnswerHandler {
  return async (request, context) => {
    const { requestId, headers: scoped } = openRequest(request.headers, context.invocationId);
    const { pathname } = new URL(request.url);
    const listed: string[] = routesOfPath(routes, pathname).map(({ method }) => method);
    // Such a request gets here only where its path has two slashes, which the host does not take for one: no route has that path.
    const methods = listed.includes(request.method) ? [] : listed;
    const answer = answerTo(
      request.method,
      [...new Set(methods), 'OPTIONS'],
      failuresOf(pathname, routes, requestId),
      request.headers,
    );
    const isBodiless = request.method === 'HEAD';
    return {
      status: answer.status,
      ...(answer.body !== undefined && !isBodiless && { body: answer.body }),
      headers: { ...answer.headers, ...corsOf(services, request.headers), ...scoped },
    };
  };
}

interface Failures {
  failed(error: RequestError): HttpAnswer;
  noPath(): RequestError;
}

/** Errors in the form of the gateway that a path is of; below `/api` in the envelope, elsewhere as problems. */
function failuresOf(path: string, routes: readonly Listed[], requestId: string): Failures {
  if (/^\/anthropic(\/|$)/i.test(path))
    return {
      failed: (error) => anthropicFailure(error, requestId),
      noPath: () => unsupportedPath(path, passedBelow('/anthropic', routes)),
    };
  if (/^\/openai(\/|$)/i.test(path))
    return {
      failed: (error) => openAiFailure(error, requestId),
      noPath: () => unsupportedOpenAiPath(passedBelow('/openai', routes)),
    };
  if (routesOfPath(routes, path).some(({ dialect }) => dialect === 'payi-proxy'))
    return { failed: proxyFailure, noPath: noSuchPath };
  const encode = /^\/api(\/|$)/i.test(path) ? failure : problem;
  return { failed: (error) => encode(failureOf(error)), noPath: noSuchPath };
}

const passedBelow = (gateway: string, routes: readonly Listed[]): string[] =>
  routes
    .filter((route) => route.path.startsWith(`${gateway}/`))
    .map((route) => `${route.method} ${route.path.slice(gateway.length)}`);

function answerTo(method: string, allowed: string[], { failed, noPath }: Failures, headers: Headers): HttpAnswer {
  if (allowed.length === 1) return failed(noPath());
  const allow = allowed.join(', ');
  if (method !== 'OPTIONS') {
    const answer = failed(noSuchMethod(method, allowed));
    return { ...answer, headers: { ...answer.headers, allow } };
  }
  return {
    status: 204,
    headers: { allow, ...preflightHeaders(allowed, headers.get('access-control-request-headers')) },
  };
}

/** With a wrong setting the paths are still known; only no other origin is allowed then. */
function corsOf(services: () => Pick<HttpServices, 'settings'>, headers: Headers): Record<string, string> {
  try {
    return corsHeaders(headers.get('origin'), services().settings.CORS_ORIGINS);
  } catch {
    return {};
  }
}

const noSuchPath = (): RequestError =>
  new RequestError('not_found', 'There is no such path here. The README lists the endpoints.', { status: 404 });

const noSuchMethod = (method: string, allowed: string[]): RequestError =>
  new RequestError('method_not_allowed', `${method} is not allowed here. Use ${allowed.join(' or ')}.`, {
    status: 405,
    details: { allowed },
  });
