import { describe, expect, test } from 'vitest';
import { createRateLimits } from '../../shared/rate-limits/rate-limits.ts';
import { secondsToMore, secondsToToken } from '../../shared/rate-limits/token-bucket.ts';
import { noting } from '../support/events.ts';
import { ManualClock, settled } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';

const sam = { userId: 'sam', via: 'jwt' };
const MINUTE_MS = 60_000;

function setUp(more: { tables?: MemoryTables; clock?: ManualClock; perCaller?: number; perKey?: number } = {}) {
  const tables = more.tables ?? new MemoryTables();
  const clock = more.clock ?? new ManualClock();
  const telemetry = noting();
  const rates = createRateLimits({ perCaller: 60, perKey: 0, telemetry, ...more, tables, clock });
  /** How many of so many requests are served. */
  const served = (count: number, caller: Parameters<typeof rates.take>[0] = sam): number =>
    Array.from({ length: count }, () => rates.take(caller)).filter(({ refusal }) => !refusal).length;
  return { rates, tables, clock, telemetry, served };
}

describe('one process', () => {
  test('a minute’s requests at once, then as many as time refills', async () => {
    const { served, clock } = setUp();
    expect(served(100)).toBe(60);
    await settled();
    await clock.pass(10_000);
    expect(served(100)).toBe(10);
    await settled();
    await clock.pass(10 * MINUTE_MS);
    expect(served(100)).toBe(60);
  });

  test('a refusal says when to try again, and a request then is served', async () => {
    const { rates, served, clock } = setUp({ perCaller: 6 });
    served(6);
    await settled();
    const { refusal } = rates.take(sam);
    expect(refusal).toMatchObject({ status: 429, code: 'request_rate_exceeded', retryAfterSeconds: 10 });
    await clock.pass(9_999);
    expect(served(1)).toBe(0);
    await clock.pass(1);
    expect(served(1)).toBe(1);
  });

  test('the headers say the policy, what is left and when more of it is', () => {
    const { rates } = setUp({ perCaller: 60, perKey: 600 });
    const { headers } = rates.take({ ...sam, key: { name: 'front-end' } });
    expect(headers).toEqual({
      'ratelimit-policy': '"caller";q=60;w=60, "key";q=600;w=60',
      ratelimit: '"caller";r=59;t=1, "key";r=599;t=1',
    });
  });

  test('each caller has a rate, and all callers with one key share another', () => {
    const { served } = setUp({ perCaller: 10, perKey: 25 });
    const key = { name: 'front-end' };
    expect(served(20, { userId: 'a', via: 'access-key', key })).toBe(10);
    expect(served(20, { userId: 'b', via: 'access-key', key })).toBe(10);
    expect(served(20, { userId: 'c', via: 'access-key', key })).toBe(5);
    expect(served(20, { userId: 'c', via: 'access-key', key: { name: 'other' } })).toBe(5);
    expect(served(20, { userId: 'c', via: 'jwt' })).toBe(10);
  });

  test('a request that is refused takes nothing of the other rate', () => {
    const { rates, served } = setUp({ perCaller: 1, perKey: 3 });
    const key = { name: 'front-end' };
    served(10, { userId: 'a', via: 'access-key', key });
    expect(rates.take({ userId: 'b', via: 'access-key', key }).headers['ratelimit']).toBe(
      '"caller";r=0;t=60, "key";r=1;t=20',
    );
  });

  test('a service that calls for itself, and callers without a credential, have the rate of a key', () => {
    const { served } = setUp({ perCaller: 1, perKey: 5 });
    expect(served(9, { userId: 'front-end', via: 'access-key', key: { name: 'front-end' } })).toBe(5);
    expect(served(9, { userId: 'anonymous', via: 'anonymous' })).toBe(5);
  });

  test('0 is any number, without headers', () => {
    const { rates, served } = setUp({ perCaller: 0 });
    expect(served(1_000)).toBe(1_000);
    expect(rates.take(sam)).toEqual({ headers: {} });
  });

  test('a caller below an eighth of the rate costs no request of the table', async () => {
    const { served, tables } = setUp({ perCaller: 80 });
    served(9);
    await settled();
    expect(tables.requests).toBe(0);
  });
});

describe('several processes', () => {
  test('together pass the rate by less than an eighth for each process', async () => {
    const tables = new MemoryTables();
    const clock = new ManualClock();
    const processes = Array.from({ length: 4 }, () => setUp({ tables, clock, perCaller: 80 }));
    let total = 0;
    for (let turn = 0; turn < 200; turn++) {
      total += processes[turn % 4]?.served(1) ?? 0;
      await settled();
    }
    expect(total).toBeGreaterThanOrEqual(80);
    expect(total).toBeLessThan(80 + 4 * 10);
  });

  test('one that could not report goes on alone, and reports later', async () => {
    const tables = new MemoryTables();
    const clock = new ManualClock();
    const [one, other] = [setUp({ tables, clock, perCaller: 80 }), setUp({ tables, clock, perCaller: 80 })];
    tables.fate = () => 'busy';
    expect(one.served(40)).toBe(40);
    await settled();
    expect(one.telemetry.notes.map(({ event }) => event)).toContain('rate-not-shared');
    tables.fate = () => 'answered';
    expect(one.served(1)).toBe(1);
    await settled();
    other.served(10);
    await settled();
    expect(other.served(80)).toBe(80 - 41 - 10);
  });

  test('buckets that nobody used are deleted', async () => {
    const { rates, served, tables, clock } = setUp({ perCaller: 8 });
    served(1);
    await settled();
    await clock.pass(MINUTE_MS);
    served(1, { userId: 'kim', via: 'jwt' });
    await settled();
    expect(await rates.prune(clock.now())).toBe(1);
    expect(tables.rows('ratelimits')).toHaveLength(1);
    expect(JSON.stringify(tables.rows('ratelimits'))).not.toContain('kim');
  });
});

test.each([
  [0, 60, 1, 1],
  [0.5, 60, 1, 1],
  [-3, 60, 4, 4],
  [0, 1, 60, 60],
  [0.99, 6, 1, 1],
  [2.5, 6, 1, 5],
  [5, 6, 1, 10],
  [6, 6, 1, 0],
])('%d tokens at %d a minute: one is there in %d s, one more in %d s', (tokens, perMinute, one, more) => {
  expect([secondsToToken(tokens, perMinute), secondsToMore(tokens, perMinute)]).toEqual([one, more]);
});
