import { describe, expect, test, vi } from 'vitest';
import { TrailmeterError } from '../../shared/errors/trailmeter-error.ts';
import { createKeyedRuns, type KeyedRequest } from '../../shared/idempotency/keyed-runs.ts';
import type { RunRow } from '../../shared/idempotency/run-row.ts';
import { createSeal } from '../../shared/seal/seal.ts';
import type { Tables } from '../../shared/tables/table.ts';
import { noting } from '../support/events.ts';
import { LeapingClock, ManualClock, settled } from '../support/manual-clock.ts';
import { type Fate, MemoryTables, type Operation } from '../support/memory-tables.ts';

const seal = createSeal(Buffer.alloc(32, 7).toString('base64'));
const signal = new AbortController().signal;
const HOUR = 3_600_000;
const DEADLINE_MS = 200_000;

const request: KeyedRequest = {
  key: 'k-1',
  owner: { userId: 'sam', via: 'access-key' },
  content: { route: 'search-trails', content: { location: 'Moab' } },
};

function setUp(more: { tables?: Tables; clock?: ManualClock; seal?: typeof seal } = {}) {
  const memory = new MemoryTables();
  const clock = more.clock ?? new ManualClock();
  const telemetry = noting();
  const runs = createKeyedRuns({ tables: memory, seal, deadlineMs: DEADLINE_MS, clock, telemetry, ...more });
  const work = vi.fn(async () => ({ answer: 'the secret canyon' }));
  return { runs, memory, clock, work, telemetry };
}

const rejection = (promise: Promise<unknown>): Promise<TrailmeterError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: TrailmeterError) => error,
  );

describe('an answer', () => {
  test('is the first one again, without work', async () => {
    const { runs, work } = setUp();
    expect(await runs.once(request, work, signal)).toEqual({ data: { answer: 'the secret canyon' }, isReplay: false });
    expect(await runs.once(request, work, signal)).toEqual({ data: { answer: 'the secret canyon' }, isReplay: true });
    expect(work).toHaveBeenCalledTimes(1);
  });

  test('lies sealed in the table, and neither caller nor key nor request stand there', async () => {
    const { runs, memory, work } = setUp();
    await runs.once(request, work, signal);
    const text = JSON.stringify(memory.rows('keyedruns'));
    for (const secret of ['canyon', 'sam', 'k-1', 'Moab', 'search']) expect(text).not.toContain(secret);
  });

  test('is forgotten after 24 hours', async () => {
    const { runs, clock, work } = setUp();
    await runs.once(request, work, signal);
    await clock.pass(24 * HOUR);
    expect((await runs.once(request, work, signal)).isReplay).toBe(true);
    await clock.pass(1);
    expect((await runs.once(request, work, signal)).isReplay).toBe(false);
    expect(work).toHaveBeenCalledTimes(2);
  });

  test.each<[string, Partial<KeyedRequest>]>([
    ['user', { owner: { userId: 'kim', via: 'access-key' } }],
    ['account', { owner: { userId: 'sam', via: 'access-key', accountName: 'acme' } }],
    ['access key', { owner: { userId: 'sam', via: 'access-key', key: { name: 'other' } } }],
    ['way to sign in', { owner: { userId: 'sam', via: 'jwt' } }],
    ['key', { key: 'k-2' }],
  ])('is not that of another %s', async (_what, other) => {
    const { runs, work } = setUp();
    await runs.once(request, work, signal);
    expect((await runs.once({ ...request, ...other }, work, signal)).isReplay).toBe(false);
  });

  test('that is too large for a row is lost, and not paid for again', async () => {
    const { runs, work } = setUp();
    const large = async () => 'x'.repeat(400_000);
    expect((await runs.once(request, large, signal)).isReplay).toBe(false);
    expect((await rejection(runs.once(request, work, signal))).code).toBe('idempotency_answer_lost');
    expect(work).not.toHaveBeenCalled();
  });

  test('sealed with another key is lost', async () => {
    const { runs, memory, work } = setUp();
    await runs.once(request, work, signal);
    const other = setUp({ tables: memory, seal: createSeal(Buffer.alloc(32, 8).toString('base64')) });
    expect((await rejection(other.runs.once(request, work, signal))).code).toBe('idempotency_answer_lost');
  });
});

test('the same key with another request is 409, also while the first is under way', async () => {
  const { runs, work } = setUp();
  let end = (_answer: string): void => undefined;
  const first = runs.once(request, () => new Promise<string>((resolve) => (end = resolve)), signal);
  await settled();
  const other = { ...request, content: { route: 'plan-route', content: request.content } };
  expect(await rejection(runs.once(other, work, signal))).toMatchObject({
    status: 409,
    code: 'idempotency_key_reused',
  });
  end('found');
  await first;
  expect((await rejection(runs.once(other, work, signal))).code).toBe('idempotency_key_reused');
});

test('without a key to seal with, keys are refused', async () => {
  const runs = createKeyedRuns({
    tables: new MemoryTables(),
    seal: undefined,
    deadlineMs: DEADLINE_MS,
    clock: new ManualClock(),
    telemetry: noting(),
  });
  const refused = await rejection(runs.once(request, async () => 1, signal));
  expect(refused).toMatchObject({ status: 400, code: 'idempotency_unavailable' });
});

describe('a request that failed', () => {
  test.each<[string, Error]>([
    ['before it was paid for', new TrailmeterError('limit_reached', 'no room', { status: 402 })],
    [
      'for nothing',
      new TrailmeterError('model_overloaded', 'busy', { status: 503, details: { metrics: { cost: 0 } } }),
    ],
  ])('%s frees its key', async (_when, error) => {
    const { runs, memory, work } = setUp();
    expect(await rejection(runs.once(request, () => Promise.reject(error), signal))).toBe(error);
    expect(memory.rows('keyedruns')).toEqual([]);
    expect((await runs.once(request, work, signal)).isReplay).toBe(false);
  });

  test.each<[string, Error]>([
    [
      'cost something',
      new TrailmeterError('answer_unreadable', 'no', { status: 502, details: { metrics: { cost: 0.1 } } }),
    ],
    [
      'cost nobody knows what',
      new TrailmeterError('model_failed', 'no', { status: 502, details: { metrics: { cost: null } } }),
    ],
    [
      'was answered and not reported',
      new TrailmeterError('event_not_durable', 'no', { status: 503, retryAfterSeconds: 30 }),
    ],
  ])('and %s gives its error again', async (_what, error) => {
    const { runs, work } = setUp();
    expect(await rejection(runs.once(request, () => Promise.reject(error), signal))).toBe(error);
    const { code, status, message, details, retryAfterSeconds } = error as TrailmeterError;
    const again = await rejection(runs.once(request, work, signal));
    expect(again).toMatchObject({ code, status, message, details });
    expect(again.retryAfterSeconds).toBe(retryAfterSeconds);
    expect(work).not.toHaveBeenCalled();
  });

  test('for a reason that nobody foresaw fails again, without its text', async () => {
    const { runs, work } = setUp();
    await rejection(runs.once(request, () => Promise.reject(new TypeError('secret')), signal));
    const again = await rejection(runs.once(request, work, signal));
    expect(again).not.toBeInstanceOf(TrailmeterError);
    expect(again.message).not.toContain('secret');
    expect(work).not.toHaveBeenCalled();
  });
});

describe('while the first request is under way', () => {
  test('others wait for its answer, on another instance too', async () => {
    const { runs, memory, clock, work } = setUp({ clock: new LeapingClock() });
    const others = createKeyedRuns({ tables: memory, seal, deadlineMs: DEADLINE_MS, clock, telemetry: noting() });
    const slow = async () => {
      await clock.sleep(20_000);
      return 'slow';
    };
    const first = runs.once(request, slow, signal);
    const waiting = [runs.once(request, work, signal), others.once(request, work, signal)];
    expect(await first).toEqual({ data: 'slow', isReplay: false });
    for (const one of waiting) expect(await one).toEqual({ data: 'slow', isReplay: true });
    expect(work).not.toHaveBeenCalled();
  });

  test('one of them takes its place when it failed unpaid', async () => {
    const { runs, clock, work } = setUp({ clock: new LeapingClock() });
    const first = runs.once(
      request,
      async () => {
        await clock.sleep(5_000);
        throw new TrailmeterError('limit_reached', 'no room', { status: 402 });
      },
      signal,
    );
    const waiting = [1, 2, 3].map(() => runs.once(request, work, signal));
    expect((await rejection(first)).code).toBe('limit_reached');
    const results = await Promise.all(waiting);
    expect(results.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
    expect(work).toHaveBeenCalledTimes(1);
  });

  test('a wait ends when its client goes away, and work does not', async () => {
    const { runs, clock, work } = setUp();
    const gone = new AbortController();
    let end = (): void => undefined;
    const first = runs.once(request, () => new Promise<void>((resolve) => (end = resolve)), signal);
    await settled();
    const second = rejection(runs.once(request, work, gone.signal));
    await settled();
    gone.abort(new Error('gone'));
    expect((await second).message).toBe('gone');
    end();
    await first;
    expect(clock.now()).toBeGreaterThan(0);
  });

  test('after the deadline the wait ends, and after the lease the answer is lost: the process is dead', async () => {
    const clock = new LeapingClock();
    const { runs, work } = setUp({ clock });
    void runs.once(request, () => new Promise(() => undefined), signal);
    await settled();
    const waited = await rejection(runs.once(request, work, signal));
    expect(waited).toMatchObject({ code: 'idempotency_running', status: 409, retryAfterSeconds: 10 });
    expect((await rejection(runs.once(request, work, signal))).code).toBe('idempotency_answer_lost');
    expect(work).not.toHaveBeenCalled();
  });
});

describe('a table that fails', () => {
  const failing = (fate: (operation: Operation) => Fate) => {
    const memory = new MemoryTables();
    return setUp({ tables: memory.client({ before: async (operation) => fate(operation) }) });
  };

  test.each<Fate>(['lost', 'unsent'])('an insert that is %s is found out about, and work is run once', async (fate) => {
    let failures = 1;
    const { runs, work } = failing((operation) => (operation === 'insert' && failures-- > 0 ? fate : 'answered'));
    expect((await runs.once(request, work, signal)).isReplay).toBe(false);
    expect(work).toHaveBeenCalledTimes(1);
  });

  test('before work: it is not run', async () => {
    const { runs, work } = failing(() => 'busy');
    expect((await rejection(runs.once(request, work, signal))).code).toBe('table_busy');
    expect(work).not.toHaveBeenCalled();
  });

  test('after work: the answer is given, reported, and lost for others', async () => {
    const { runs, work, telemetry, clock } = failing((operation) => (operation === 'upsert' ? 'busy' : 'answered'));
    expect((await runs.once(request, work, signal)).data).toEqual({ answer: 'the secret canyon' });
    expect(JSON.stringify(telemetry)).toContain('keyed-answer-not-kept');
    await clock.pass(DEADLINE_MS + 60_000);
    expect((await rejection(runs.once(request, work, signal))).code).toBe('idempotency_answer_lost');
    expect(work).toHaveBeenCalledTimes(1);
  });
});

test('pruning leaves the row of a request that used an old key again', async () => {
  const { runs, memory, clock, work } = setUp();
  await runs.once(request, work, signal);
  await runs.once({ ...request, key: 'k-2' }, work, signal);
  await clock.pass(25 * HOUR);
  let isFirst = true;
  const pruning = createKeyedRuns({
    tables: memory.client({
      async before(operation) {
        if (operation === 'remove' && isFirst) {
          isFirst = false;
          await runs.once(request, work, signal);
        }
        return 'answered';
      },
    }),
    ...{ seal, deadlineMs: DEADLINE_MS, clock, telemetry: noting() },
  });
  expect(await pruning.prune()).toBe(1);
  expect(memory.rows<RunRow>('keyedruns').map(({ startedAt }) => Date.parse(startedAt))).toEqual([clock.now()]);
});
