import { routes } from '../../../shared/api/routes.ts';
import { routesOfPath } from '../../../shared/http/match-route.ts';
import type { Route } from '../../../shared/http/route.ts';
import { isRecord } from '../../../shared/util/json/record.ts';
import { type FuzzKeys, opens } from './fuzz-keys.ts';

/** A request as a server reads it. */
export interface SentRequest {
  method: string;
  /** What stands behind the method: a path with its query, or a whole URL. */
  target: string;
  /** In lower case, in the order in which they are sent. */
  headers: readonly (readonly [string, string])[];
  /** The body; undefined where the request never becomes whole. */
  content: Buffer | undefined;
}

/** What a request may reach: a model; the provider's counter of tokens, which is free; neither. */
export type MeantFor = 'model' | 'counter' | 'nothing';

const countingFunctions: readonly string[] = ['count-tokens', 'check-limits'];

/**
 * What a request may reach, by its bytes alone. A model is meant where the request is whole, its method and path are those of a paid
 * route, a key opens the route, the body is not packed, and it decodes by the schema of the route. A gateway leaves it to the provider
 * what an object of JSON has to say, and a provider that refuses it takes nothing for it.
 *
 * These change nothing: the path in other capitals, with a slash at its end, with escapes or as a whole URL; a query; headers and
 * members that the route does not know; a key besides another credential; `accept`. Where the bytes do not say how a server takes
 * them (a header that stands there twice, a form, a JSON text with a member twice), the request counts as meant: what is decided then
 * is that it was not refused, see `judgeCalls`.
 */
export function meantFor(request: SentRequest, keys: FuzzKeys): MeantFor {
  const path = pathOf(request.target);
  const route = routesOfPath(routes, path).find(
    ({ method, paid, function: name }) => method === request.method && (paid || countingFunctions.includes(name)),
  );
  if (!route || request.content === undefined || !isOpened(route, path, request, keys)) return 'nothing';
  if (!route.paid) return 'counter';
  return isPacked(request) || !isDecoded(route, request, request.content) ? 'nothing' : 'model';
}

/** Without query and escapes; '' for what is not a path. */
export function pathOf(target: string): string {
  const text = target.startsWith('/') ? `http://127.0.0.1${target}` : target;
  if (!URL.canParse(text)) return '';
  const { pathname } = new URL(text);
  try {
    return decodeURI(pathname);
  } catch {
    return pathname;
  }
}

const valuesOf = ({ headers }: SentRequest, wanted: string): string[] =>
  headers.filter(([name]) => name === wanted).map(([, value]) => value.trim());

function isOpened(route: Route, path: string, request: SentRequest, keys: FuzzKeys): boolean {
  if (route.path.includes('{token}')) return path.split('/')[2] === keys.path;
  const given = valuesOf(request, 'x-functions-key');
  // SDKs send their key in a header of their own.
  if (route.dialect !== 'envelope') {
    given.push(...valuesOf(request, 'x-api-key'));
    for (const value of valuesOf(request, 'authorization')) given.push(value.replace(/^bearer\s+/i, ''));
  }
  return given.some((key) => opens(key, route, keys));
}

const isPacked = (request: SentRequest): boolean =>
  valuesOf(request, 'content-encoding').some((encoding) => !/^(identity)?$/i.test(encoding));

function isDecoded({ function: name, dialect, body }: Route, request: SentRequest, content: Buffer): boolean {
  // Forms, and photos in them or in JSON: only the route itself can tell.
  if (name === 'analyze') return content.length > 0;
  const types = valuesOf(request, 'content-type').map((type) => type.split(';')[0]?.trim().toLowerCase());
  if (dialect === 'envelope' && !types.includes('application/json')) return false;
  const value = jsonOf(content);
  const isPassedOn = dialect === 'anthropic' || dialect === 'openai';
  return isRecord(value) && (isPassedOn || body?.schema.safeParse(value).success === true);
}

function jsonOf(content: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(content));
  } catch {
    return undefined;
  }
}
