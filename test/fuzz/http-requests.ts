import type { Random } from '../../infra/local/model/src/random.ts';
import { bytes } from './amqp-frames.ts';
import { type HostileRequest, wired } from './http-wire.ts';
import { hostileMessage } from './message-bodies.ts';

/** A server under attack, with the paths that it knows. */
export interface HttpTarget {
  name: 'app' | 'payi' | 'model';
  url: string;
  paths: readonly string[];
  headers: Record<string, string>;
  /** Sound bodies of its own, besides those that every server gets. */
  bodies?: readonly unknown[];
}

const methods = [
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'HEAD',
  'PROPFIND',
  'CONNECT',
  'get',
  'X',
] as const;
const texts = [
  '',
  'x',
  '0',
  '-1',
  '1e999',
  'null',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '%00',
  '%',
  '%zz',
  'ä€😀',
  '\\',
  '"',
  "' or 1=1",
  'a'.repeat(2_000),
  '2026-02-30T99:99:99Z',
  '{{x}}',
  '$ref',
] as const;
const words = [
  'model',
  'messages',
  'role',
  'content',
  'max_tokens',
  'stream',
  'tools',
  'system',
  'type',
  'text',
  'source',
  'data',
  'media_type',
  'query',
  'image',
  'images',
  'answer',
  'useCase',
  'use_case_id',
  'use_case_name',
  'kpis',
  'name',
  'score',
  'value',
  'events',
  'items',
  'category',
  'resource',
  'units',
  'input',
  'output',
  'limit_ids',
  'limit_name',
  'max',
  'limit_type',
  'threshold',
  'event_timestamp',
  'end_to_end_latency_ms',
  'user_id',
  'properties',
  'preferences',
  'location',
  '__proto__',
  'constructor',
  'id',
  'ids',
  'all',
  'temperature',
  'thinking',
  'metadata',
] as const;

const number = (random: Random): number =>
  random.pick([0, 1, -1, 0.5, 1e308, -1e308, 2 ** 53, 1_024, random.below(100_000)]);

/** Any JSON value; objects have the names that the servers look for. */
function anyJson(random: Random, depth = 0): unknown {
  switch (random.below(depth > 4 ? 6 : 9)) {
    case 0:
      return null;
    case 1:
      return random.below(2) === 0;
    case 2:
      return number(random);
    case 3:
    case 4:
      return random.pick(texts);
    case 5:
      return random.pick([
        'user',
        'assistant',
        'claude-sonnet-4-5',
        'system.anthropic',
        'image',
        'text',
        'tool_use',
        'block',
        'allow',
      ]);
    case 6:
      return Array.from({ length: random.below(5) }, () => anyJson(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(8) }, () => [random.pick(words), anyJson(random, depth + 1)]),
      );
  }
}

/** A sound request with one of its values replaced, at any depth. */
export function bent(random: Random, sound: unknown): unknown {
  if (random.below(4) === 0 || typeof sound !== 'object' || sound === null) return anyJson(random, 2);
  if (Array.isArray(sound)) {
    const at = random.below(sound.length || 1);
    return sound.map((item, index) => (index === at ? bent(random, item) : item));
  }
  const entries = Object.entries(sound);
  const at = random.below(entries.length || 1);
  return Object.fromEntries(entries.map(([key, value], index) => [key, index === at ? bent(random, value) : value]));
}

const soundBodies: readonly [unknown, ...unknown[]] = [
  { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'hello' }], stream: true },
  {
    model: 'claude-sonnet-4-5',
    max_tokens: 100,
    system: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral' } }],
    tools: [{ name: 't', input_schema: { type: 'object' } }],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
  },
  { model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }], stream: false },
  { query: 'easy trails near Bern', preferences: { difficulty: 'easy' } },
  { useCaseId: 'u', kpis: [{ name: 'helpful', score: 1 }] },
  {
    category: 'system.anthropic',
    resource: 'claude-sonnet-4-5',
    units: { text: { input: 10, output: 5 } },
    event_timestamp: '2026-01-01T00:00:00Z',
    use_case_name: 'x',
    use_case_id: 'y',
    limit_ids: ['l'],
  },
  {
    events: [{ category: 'system.anthropic', resource: 'claude-sonnet-4-5', units: { text: { input: 1, output: 1 } } }],
  },
  { limit_name: 'l', limit_id: 'l', max: 10, limit_type: 'block', threshold: 0.8 },
  { name: 'n', max: 1, type: 'allow', window: 'day', scope: 'user' },
];

function anyBody(random: Random, { bodies = [] }: HttpTarget): Buffer {
  const sound = (): unknown =>
    bodies.length > 0 && random.below(2) === 0 ? bodies[random.below(bodies.length)] : random.pick(soundBodies);
  switch (random.below(10)) {
    case 0:
      return Buffer.alloc(0);
    case 1:
      return bytes(random, random.below(200));
    case 2: {
      const [open, close] = random.pick<readonly [string, string]>([
        ['[', ']'],
        ['{"a":', '}'],
        ['[', ''],
      ]);
      const levels = 1 + random.below(20_000);
      return Buffer.from(`${open.repeat(levels)}1${close.repeat(levels)}`);
    }
    case 3:
      return Buffer.from(JSON.stringify(anyJson(random)) ?? '');
    case 5:
    case 6:
      return hostileMessage(random);
    case 4: {
      const text = JSON.stringify(sound());
      return Buffer.from(text.slice(0, random.below(text.length)));
    }
    default:
      return Buffer.from(JSON.stringify(bent(random, sound())) ?? '');
  }
}

function anyPath(random: Random, target: HttpTarget): string {
  const known = (target.paths[random.below(target.paths.length)] ?? '/').replace(
    /\{\w+\}/g,
    () => encodeURIComponent(random.pick(texts)) || 'x',
  );
  const query =
    random.below(4) === 0
      ? `?${random.pick(words)}=${encodeURIComponent(random.pick(texts))}&limit=${number(random)}&after=%`
      : '';
  if (random.below(5) > 0) return known + query;
  const wild = random.pick(texts).replaceAll(/[^\x21-\x7e]/g, '%C3');
  return random.pick([
    `/${wild}`,
    `${known}/${wild}`,
    `//${known}`,
    `${known}%2f..`,
    '*',
    `http://x${known}`,
    known.toUpperCase(),
  ]);
}

/** One request in bytes: method, path, headers and body each sound or not. */
export function hostileRequest(random: Random, target: HttpTarget): HostileRequest {
  const body = anyBody(random, target);
  const headers: [string, string][] = [];
  if (random.below(5) > 0)
    headers.push([
      'content-type',
      random.pick([
        'application/json',
        'application/json',
        'application/json; charset=utf-16',
        'text/plain',
        'multipart/form-data; boundary=',
        'image/png',
        '',
      ]),
    ]);
  if (random.below(5) > 0) headers.push(...Object.entries(target.headers));
  if (random.below(3) === 0)
    headers.push(['accept', random.pick(['text/event-stream', 'application/json', '*/*', ''])]);
  for (let left = random.below(4); left > 0; left--) {
    const name = random.pick([
      'x-use-case-id',
      'x-user-id',
      'x-functions-key',
      'authorization',
      'cookie',
      'origin',
      'traceparent',
      'xproxy-limit-ids',
      'if-match',
      'content-encoding',
      'expect',
      'x-http-method-override',
      'anthropic-version',
      'retry-after',
      'range',
      'forwarded',
      'x-ms-client-principal',
    ]);
    headers.push([name, random.pick(texts).replaceAll(/[^\x20-\x7e]/g, '?')]);
  }
  const method = random.pick(['POST', 'POST', 'POST', 'GET', 'PUT', random.pick(methods)]);
  return wired(random, { method, target: anyPath(random, target), headers, body });
}
