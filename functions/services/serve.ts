import { app, type HttpHandler } from '@azure/functions';
import { gateway } from '../../shared/gateways/gateway.ts';
import type { HttpAnswer } from '../../shared/http/answer.ts';
import { type EndpointCall, endpoint, type Reply } from '../../shared/http/endpoint.ts';
import type { DataOf, Route } from '../../shared/http/route.ts';
import { withSecurityHeaders } from './security-headers.ts';
import { type Services, services } from './services.ts';

/** Registers a route with what it does. */
export const serve = <const R extends Route>(
  route: R,
  handle: (call: EndpointCall<R, Services>) => Promise<Reply<DataOf<R>>>,
): void => register(route, endpoint(route, services, handle));

/** Registers a route of a gateway, which reads the request and answers in the form of the API that it stands for. */
export const serveGateway = (
  route: Route,
  failure: (error: unknown, requestId: string) => HttpAnswer,
  handle: Parameters<typeof gateway<Services>>[1],
): void => register(route, gateway({ services, route, failure }, handle));

/** Callers are identified by our own code, so the host's keys stay out of it. OPTIONS of every path has a function of its own. */
function register({ function: name, path, method }: Route, handler: HttpHandler): void {
  app.http(name, {
    route: path.slice(1),
    methods: [method],
    authLevel: 'anonymous',
    handler: withSecurityHeaders(handler),
  });
}
