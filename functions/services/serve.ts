import { app } from '@azure/functions';
import { type AdminChange, originOf, whoOf } from '../../shared/admin-log/admin-change.ts';
import type { ChangeResult } from '../../shared/admin-log/admin-log.ts';
import { gateway } from '../../shared/gateways/gateway.ts';
import type { AnswerHandler, HttpAnswer } from '../../shared/http/answer.ts';
import { type EndpointCall, endpoint, type Reply } from '../../shared/http/endpoint.ts';
import type { DataOf, Route } from '../../shared/http/route.ts';
import type { Caller } from '../../shared/identity/caller.ts';
import { withSecurityHeaders } from './security-headers.ts';
import { type Services, services } from './services.ts';
import { withSpan } from './tracing.ts';

/** Registers a route with what it does. */
export const serve = <const R extends Route>(
  route: R,
  handle: (call: EndpointCall<R, Services>) => Promise<Reply<DataOf<R>>>,
): void => register(route, endpoint(route, services, handle));

/**
 * Registers a route by which an admin changes something: each request leaves an entry in the admin log, with what `handle` says was
 * there before and is there after. `targetOf`: what the entry names, where it is not what the path or body names.
 */
export const serveChange = <const R extends Route & { access: 'admin' }>(
  route: R,
  handle: (call: EndpointCall<R, Services>) => Promise<Reply<DataOf<R>> & ChangeResult>,
  targetOf: (call: EndpointCall<R, Services>) => string = namedTarget,
): void =>
  serve(route, (call) => {
    const { request, requestId, services: built } = call;
    // Undefined only on routes for anyone.
    const who: AdminChange['who'] = whoOf(call.caller as Caller);
    const from = originOf(request, requestId);
    return built.adminLog.record({ action: route.function, target: targetOf(call), who, from }, () => handle(call));
  });

/** What a change is about: the object in the path, else the one that the body names. */
function namedTarget({ params, body }: { params: unknown; body: unknown }): string {
  const named = { ...(body as object | undefined), ...(params as object | undefined) } as Record<string, unknown>;
  const target = named['id'] ?? named['name'] ?? '';
  return typeof target === 'string' ? target.slice(0, MAX_TARGET) : '';
}

const MAX_TARGET = 500;

/** Registers a route of a gateway, which reads the request and answers in the form of the API that it stands for. */
export const serveGateway = (
  route: Route,
  failure: (error: unknown, requestId: string) => HttpAnswer,
  handle: Parameters<typeof gateway<Services>>[1],
): void => register(route, gateway({ services, route, failure }, handle));

/** Callers are identified by our own code, so the host's keys stay out of it. OPTIONS of every path has a function of its own. */
function register({ function: name, path, method }: Route, handler: AnswerHandler): void {
  app.http(name, {
    route: path.slice(1),
    methods: [method],
    authLevel: 'anonymous',
    handler: withSpan({ method, path }, withSecurityHeaders(handler)),
  });
}
