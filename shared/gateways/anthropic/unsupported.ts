import { RequestError } from '../../errors/request-errors.ts';

/** The other APIs of Anthropic, by how their paths begin. */
const others: readonly [RegExp, string][] = [
  [/^\/v1\/messages\/batches/, 'Message Batches'],
  [/^\/v1\/models/, 'Models'],
  [/^\/v1\/files/, 'Files'],
  [/^\/v1\/skills/, 'Skills'],
  [/^\/v1\/complete/, 'Text Completions'],
  [/^\/v1\/organizations/, 'Admin'],
];

/** 404 for a path of Anthropic's APIs that the gateway does not pass, which says what it does. @param path with the gateway's own part */
export function unsupportedPath(path: string): RequestError {
  const below = path.replace(/^\/anthropic/i, '');
  const api = others.find(([begins]) => begins.test(below))?.[1];
  const what = api === undefined ? 'This path is' : `The ${api} API is`;
  return new RequestError(
    'not_supported',
    `${what} not supported by this gateway. It passes POST /v1/messages and POST /v1/messages/count_tokens.`,
    { status: 404 },
  );
}
