import { RequestError } from '../../errors/request-errors.ts';

/** Anthropic's APIs, by how their paths begin. */
const apis: readonly [RegExp, string][] = [
  [/^\/v1\/messages\/batches/i, 'Message Batches'],
  [/^\/v1\/models/i, 'Models'],
  [/^\/v1\/files/i, 'Files'],
  [/^\/v1\/skills/i, 'Skills'],
  [/^\/v1\/complete/i, 'Text Completions'],
  [/^\/v1\/organizations/i, 'Admin'],
];

/**
 * 404 for a path of Anthropic's APIs that the gateway does not pass, which says what it does.
 * @param path with the gateway's own part
 * @param passed `METHOD /path` of what it passes
 */
export function unsupportedPath(path: string, passed: readonly string[]): RequestError {
  const below = path.replace(/^\/anthropic/i, '');
  const api = apis.find(([begins]) => begins.test(below));
  const isPartly = api && passed.some((route) => api[0].test(route.slice(route.indexOf('/'))));
  const what = !api || isPartly ? 'This path is' : `The ${api[1]} API is`;
  return new RequestError('not_supported', `${what} not supported by this gateway. It passes ${passed.join(', ')}.`, {
    status: 404,
  });
}
