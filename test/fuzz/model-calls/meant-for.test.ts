import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { FuzzKeys } from './fuzz-keys.ts';
import { meantFor, type SentRequest } from './meant-for.ts';

const keys: FuzzKeys = {
  service: 'the-service',
  admin: 'the-admin',
  narrow: 'the-narrow-one',
  path: 'the-path-key',
  replaced: 'the-replaced-one',
  revoked: 'the-revoked-one',
};
const json = ['content-type', 'application/json'] as const;
const key = ['x-functions-key', keys.service] as const;
const search = JSON.stringify({ location: 'Moab' });
const message = JSON.stringify({
  model: 'claude-sonnet-4-5',
  max_tokens: 10,
  messages: [{ role: 'user', content: 'hi' }],
});

const of = (change: Partial<Omit<SentRequest, 'content'>> & { body?: string | Buffer | undefined } = {}) => {
  const { body = search, ...rest } = change;
  const content = 'body' in change && change.body === undefined ? undefined : Buffer.from(body);
  const sent = { method: 'POST', target: '/api/trail-finder/search', headers: [json, key], content, ...rest };
  return meantFor(sent, keys);
};
const atGateway = (...headers: (readonly [string, string])[]) =>
  of({ target: '/anthropic/v1/messages', headers, body: message });

test.each([
  ['as it must be', {}],
  ['of a path in capitals', { target: '/API/Trail-Finder/SEARCH' }],
  ['of a path with a slash at its end', { target: '/api/trail-finder/search/' }],
  ['of a path with escapes', { target: '/api/trail-finder/searc%68' }],
  ['of a whole URL', { target: 'http://elsewhere/api/trail-finder/search' }],
  ['with a query', { target: '/api/trail-finder/search?a=1' }],
  ['with headers that nobody knows', { headers: [json, key, ['x-http-method-override', 'GET']] as const }],
  ['with another credential besides the key', { headers: [json, key, ['cookie', 'authjs.session-token=x']] as const }],
  ['with spaces around its JSON', { body: ` ${search}\n` }],
])('a request %s is meant for a model', (_name, change) => {
  expect(of(change)).toBe('model');
});

test.each([
  ['that never becomes whole', { body: undefined }],
  ['with another method', { method: 'GET' }],
  ['of another path', { target: '/api/trail-finder/search/x' }],
  ['of a route that is free', { target: '/api/kpis' }],
  ['without a key', { headers: [json] }],
  ['with a key that was replaced', { headers: [json, ['x-functions-key', keys.replaced]] as const }],
  ['with a revoked key', { headers: [json, ['x-functions-key', keys.revoked]] as const }],
  ['with a key for paths', { headers: [json, ['x-functions-key', keys.path]] as const }],
  ['with a key for another route', { headers: [json, ['x-functions-key', keys.narrow]] as const }],
  ["with an SDK's header", { headers: [json, ['x-api-key', keys.service]] as const }],
  ['of another content type', { headers: [key, ['content-type', 'text/plain']] as const }],
  ['without a content type', { headers: [key] }],
  ['that is packed', { body: gzipSync(search), headers: [json, key, ['content-encoding', 'gzip']] as const }],
  ['whose JSON is cut', { body: search.slice(0, -1) }],
  ['whose JSON goes on', { body: `${search}}` }],
  ['that its schema refuses', { body: '{"location":7}' }],
])('a request %s is not', (_name, change) => {
  expect(of(change)).toBe('nothing');
});

test('a gateway takes the headers of SDKs', () => {
  expect(atGateway(['x-api-key', keys.service])).toBe('model');
  expect(atGateway(['authorization', `Bearer ${keys.admin}`])).toBe('model');
  expect(atGateway(['authorization', `Bearer ${keys.revoked}`])).toBe('nothing');
  expect(atGateway(['x-api-key', keys.narrow])).toBe('nothing');
});

test('a gateway leaves it to the provider what an object says', () => {
  const at = (body: string) => of({ target: '/anthropic/v1/messages', body });
  expect([at('{"model":7}'), at('[]'), at('{"model":')]).toEqual(['model', 'nothing', 'nothing']);
});

test('the key in a path counts there alone', () => {
  const body = JSON.stringify({ prompt: 'Find a trail.' });
  expect(of({ target: `/p/${keys.path}/trail-finder`, headers: [json], body })).toBe('model');
  expect(of({ target: '/p/x/trail-finder', headers: [json, key], body })).toBe('nothing');
});

test('a request that counts tokens is meant for the counter', () => {
  expect(of({ target: '/anthropic/v1/messages/count_tokens', body: message })).toBe('counter');
  expect(of({ target: '/anthropic/v1/messages/count_tokens', headers: [json], body: message })).toBe('nothing');
});
