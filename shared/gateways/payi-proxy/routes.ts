import type { HttpHandler } from '@azure/functions';
import type { z } from 'zod';
import type { HttpAnswer } from '../../http/answer.ts';
import { gateway } from '../gateway.ts';
import { proxyFailure } from './errors.ts';
import { type Named, type ProxyRequest, type ProxyServices, readProxyRequest } from './run.ts';

interface ProxyRoute {
  name: string;
  route: string;
  handler: HttpHandler;
}

/** A path of the payi-proxy, and the same behind a secret segment for callers that can send no header (`/p/{token}/analyze`). */
export function proxyRoutes<T extends z.ZodType<Named>, S extends ProxyServices>(
  path: string,
  services: () => S,
  schema: T,
  serve: (request: ProxyRequest<z.output<T>>, services: S) => Promise<HttpAnswer>,
): ProxyRoute[] {
  const handlerWith = (hasToken: boolean) =>
    gateway({ services, failure: proxyFailure }, async (request, built) => {
      // Without such a segment, a streaming host fills `params` from the query and the body: no place to look for a secret.
      const token = hasToken ? (request.params['token'] ?? '') : undefined;
      return serve(await readProxyRequest(request, built, schema, token), built);
    });
  return [
    { name: `proxy-${path}`, route: path, handler: handlerWith(false) },
    { name: `proxy-${path}-secret`, route: `p/{token}/${path}`, handler: handlerWith(true) },
  ];
}
