import { gzipSync } from 'node:zlib';
import type { Random } from '../../../infra/local/model/src/random.ts';
import { exampleOf } from '../../../shared/api/openapi/examples.ts';
import { routes } from '../../../shared/api/routes.ts';
import type { Route } from '../../../shared/http/route.ts';
import { bytes } from '../amqp-frames.ts';
import { bent } from '../http-requests.ts';
import { type HostileRequest, wired } from '../http-wire.ts';
import type { FuzzKeys } from './fuzz-keys.ts';

const paidRoutes = routes.filter(
  ({ paid, function: name, body }) => (paid || name === 'count-tokens' || name === 'check-limits') && body,
) as [Route, ...Route[]];

/** A request that is being made. */
interface Draft {
  method: string;
  target: string;
  headers: [string, string][];
  body: Buffer;
}

type Change = (draft: Draft, random: Random) => void;

/** Requests of paid routes, with every kind of credential and a few changes each: near to what a model is called for, on both sides. */
export function paidRequest(random: Random, keys: FuzzKeys): HostileRequest {
  const route = random.pick(paidRoutes);
  const draft: Draft = {
    method: route.method,
    target: route.path.replace('{token}', random.below(4) > 0 ? keys.path : random.pick([keys.service, 'x', ''])),
    headers: [['content-type', 'application/json'], ...credential(random, keys)],
    body: Buffer.from(JSON.stringify(exampleOf(route))),
  };
  for (let left = random.below(3); left > 0; left--) random.pick(changes)(draft, random);
  return wired(random, draft);
}

function credential(random: Random, keys: FuzzKeys): [string, string][] {
  const header = random.pick(['x-functions-key', 'x-functions-key', 'x-api-key', 'authorization']);
  const key = random.pick([
    ...[keys.service, keys.service, keys.service, keys.admin, keys.narrow],
    ...[keys.path, keys.replaced, keys.revoked, `${keys.service}x`, keys.service.slice(1), '', 'x'],
  ] as [string, ...string[]]);
  const sent: [string, string][] =
    random.below(8) === 0 ? [] : [[header, header === 'authorization' ? `Bearer ${key}` : key]];
  if (random.below(6) === 0) sent.push(random.pick(forgeries));
  return sent;
}

const principal = Buffer.from(JSON.stringify({ claims: [{ typ: 'roles', val: 'admin' }] })).toString('base64');
/** Credentials that nobody gave out. */
const forgeries: [[string, string], ...[string, string][]] = [
  ['x-ms-client-principal', principal],
  ['x-ms-client-principal-id', 'eve'],
  ['cookie', 'authjs.session-token=eyJhbGciOiJkaXIifQ..a.b.c'],
  ['authorization', `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
  ['x-functions-key', 'x'],
  ['x-api-key', 'x'],
];

const inText =
  (change: (text: string, random: Random) => string): Change =>
  (draft, random) => {
    draft.body = Buffer.from(change(draft.body.toString(), random));
  };
const withHeader =
  (name: string, ...values: [string, ...string[]]): Change =>
  (draft, random) => {
    draft.headers.push([name, random.pick(values)]);
  };
const inPath =
  (change: (path: string, random: Random) => string): Change =>
  (draft, random) => {
    draft.target = change(draft.target, random);
  };

/** The text with one more member at its beginning. */
const withMember = (member: string) => inText((text) => text.replace('{', `{${member},`));

const changes: [Change, ...Change[]] = [
  inText((text, random) => JSON.stringify(bent(random, parsed(text))) ?? ''),
  inText((text, random) => JSON.stringify(bent(random, parsed(text))) ?? ''),
  inText((text, random) => text.slice(0, random.below(text.length + 1))),
  inText((text, random) => text + random.pick([' ', '\n', '}', ',', '\0', '{"a":1}', text, 'x'])),
  inText((text, random) => random.pick([' ', '\n', '\ufeff', ")]}'\n", '[', '\0']) + text),
  inText((text) => `[${text}]`),
  inText((text) => JSON.stringify(text)),
  inText((text, random) => text.replace(/"(?=[a-z])/, random.pick(["'", '', '"\\u0000', '"\\ud800']))),
  withMember('"unknown":{"a":[1,null]}'),
  withMember('"headers":{"x-functions-key":"x"}'),
  withMember('"__proto__":{"role":"admin"}'),
  withMember('"model":"nothing"'),
  withMember('"max_tokens":1e999'),
  withMember('"stream":true'),
  withMember('"Model":"claude-opus-5"'),
  inText((text) => text.replace(/"model":"[^"]*"/, '"model":"claude-9"')),
  inText((text) => text.replace(/(tokens":)\d+/, '$1-1')),
  inText((text) => text.replace(/(tokens":)\d+/, '$10.5')),
  (draft) => {
    draft.body = Buffer.from(draft.body.toString(), 'utf16le');
  },
  (draft, random) => {
    draft.body = Buffer.concat([draft.body, bytes(random, 5)]);
  },
  (draft) => {
    draft.body = gzipSync(draft.body);
    draft.headers.push(['content-encoding', 'gzip']);
  },
  withHeader('content-encoding', 'gzip', 'br', 'zstd', 'identity', 'x'),
  (draft, random) => {
    draft.headers[0] = ['content-type', random.pick(['text/plain', 'application/json; charset=x', 'image/png', ''])];
  },
  withHeader('accept', 'text/event-stream', 'application/json', 'image/png'),
  withHeader('idempotency-key', 'a', 'b', '"quoted"', 'x'.repeat(300), 'ä'),
  withHeader('x-use-case-name', 'trail_finder', 'no use case', 'x'.repeat(300)),
  withHeader('x-use-case-version', '1', '0', 'x'),
  withHeader('x-request-properties', '{"a":"b"}', '{', '{"a":1}'),
  withHeader('x-user-id', 'sam', '\t', 'x'.repeat(2_000)),
  withHeader('x-account-name', 'Acme', ''),
  withHeader('x-stainless-retry-count', '1', '-1', 'x'),
  withHeader('origin', 'https://evil.example', 'null'),
  withHeader('x-http-method-override', 'GET', 'DELETE'),
  (draft, random) => {
    draft.method = random.pick(['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
  },
  inPath((path) => `${path}/`),
  inPath((path) => `${path}/x`),
  inPath((path) => `/${path}`),
  inPath((path) => path.toUpperCase()),
  inPath((path, random) => `${path}?${random.pick(['x=1', 'headers=1', 'Headers[]=1', '%', 'token=x'])}`),
  inPath((path, random) => `http://127.0.0.1${path}${random.pick(['', '#x'])}`),
  inPath((path) => path.replace(/[a-z](?=[^a-z]*$)/, (letter) => `%${letter.charCodeAt(0).toString(16)}`)),
  inPath((path) => path.replace(/\/(?=[^/]*$)/, '%2f')),
];

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
