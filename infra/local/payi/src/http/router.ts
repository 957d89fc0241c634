import { Refusal } from './api-error.ts';
import type { Answer, Request } from './http.ts';

export type Handler = (request: Request) => Answer;
/** `GET /limits/{limit_id}` to what answers it. */
export type Routes = Record<string, Handler>;

interface Route {
  name: string;
  method: string;
  segments: string[];
  handler: Handler;
}

export interface Match {
  /** E.g. `GET /limits/{limit_id}`. */
  name: string;
  params: Record<string, string>;
  handler: Handler;
}

/** Finds the route of a method and path. @throws Refusal 404, or 405 when only the method is wrong, or 400 for a bad escape. */
export function createRouter(routes: Routes): (method: string, path: string) => Match {
  const bySize = new Map<number, Route[]>();
  for (const [name, handler] of Object.entries(routes)) {
    const [method = '', pattern = ''] = name.split(' ');
    const segments = pattern.split('/').slice(1);
    bySize.set(segments.length, [...(bySize.get(segments.length) ?? []), { name, method, segments, handler }]);
  }

  return (method, path) => {
    const parts = path.split('/').slice(1);
    const found = (bySize.get(parts.length) ?? []).filter((route) => fits(route.segments, parts));
    const route = found.find((one) => one.method === method);
    if (route) return { name: route.name, params: paramsOf(route.segments, parts), handler: route.handler };
    if (found.length > 0) throw new Refusal(405, 'request_processing_error', `${method} is not allowed here.`);
    throw new Refusal(404, 'request_processing_error', 'There is no such path.');
  };
}

const isName = (segment: string): boolean => segment.startsWith('{');

const fits = (segments: string[], parts: string[]): boolean =>
  segments.every((segment, at) => (isName(segment) ? parts[at] !== '' : segment === parts[at]));

function paramsOf(segments: string[], parts: string[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) if (isName(segment)) params[segment.slice(1, -1)] = decode(parts[at]);
  return params;
}

function decode(part = ''): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, 'request_processing_error', 'The path has a broken escape.');
  }
}
