import { expect, test } from 'vitest';
import { createDeadLetterStore } from '../../shared/dead-letters/dead-letter-store.ts';
import { createParquetFile, rowsOfParquet } from '../../shared/export/parquet.ts';
import { createUsageExport } from '../../shared/export/usage-export.ts';
import { createKeyService } from '../../shared/identity/keys/key-service.ts';
import { createInstanceStore } from '../../shared/instances/instance-store.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import type { LimitRow, StateRow } from '../../shared/limits/state/limit-rows.ts';
import type { UsageQuery } from '../../shared/usage/answers/usage-query.ts';
import { createRefusalRows } from '../../shared/usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { markedLedger } from '../../shared/usage/rollups/marked-ledger.ts';
import { hourOf } from '../../shared/usage/spans.ts';
import { dimensions } from '../../shared/usage/usage-group.ts';
import { createUsageService } from '../../shared/usage/usage-service.ts';
import { createUserErasure } from '../../shared/user-data/erase-user.ts';
import { anonymousLetters, createErasedUsers, ERASED_USER } from '../../shared/user-data/erased-users.ts';
import { readUserData } from '../../shared/user-data/user-data.ts';
import type { Clock } from '../../shared/util/clock.ts';
import { MemoryStore } from '../export/memory-store.ts';
import { readFiles, sumsBy } from '../export/read-files.ts';
import { call, makeGate, policy, usd } from '../limits/helpers.ts';
import { costing } from '../support/amounts.ts';
import { all, noting, received, usageEvent } from '../support/events.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { noContent } from '../support/no-content.ts';
import { random, randomTraffic } from '../usage/random-traffic.ts';

const MINUTE = 60_000;
const begin = Date.parse('2026-11-21T22:00:00Z');
const HOURS = 50;
const everything: UsageQuery = {
  from: '2026-11-20T00',
  before: '2026-11-30T00',
  interval: 'hour',
  groupBy: dimensions,
  filters: {},
  limit: 100_000,
};
const withoutUsers = { ...everything, groupBy: dimensions.filter((dimension) => dimension !== 'user') };

/** Each look at it takes `stepMs`. */
class SlowClock implements Clock {
  stepMs = 0;
  nowMs: number;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  now(): number {
    this.nowMs += this.stepMs;
    return this.nowMs;
  }

  async sleep(ms: number): Promise<void> {
    this.nowMs += ms;
  }
}

async function filled() {
  const tables = new MemoryTables();
  const clock = new SlowClock(begin + HOURS * 60 * MINUTE);
  const telemetry = noting();
  const marks = createLateMarks({ tables, clock, telemetry, keptDays: 90 });
  const ledger = markedLedger(createLedger(tables), marks);
  const refusals = createRefusalRows(tables);
  const usage = createUsageService({ tables, ledger, marks, refusals, clock, telemetry });
  const erased = createErasedUsers(tables, clock, telemetry);
  const deadLetters = anonymousLetters(createDeadLetterStore(tables), erased);
  const instances = createInstanceStore(tables);
  const keys = createKeyService({ tables, clock, telemetry, taken: [] });
  const traffic = randomTraffic(random(7), begin, HOURS, 400).filter(({ atMs }) => atMs <= clock.nowMs);
  for (let at = 0; at < traffic.length; at += 20)
    await ledger.record(traffic.slice(at, at + 20).map(({ entry }) => entry));
  const refused = (user: string) => ({ values: dimensions.map((name) => (name === 'user' ? user : name)), calls: 3 });
  await refusals.save(hourOf(begin), 'a', [refused('u3'), refused('u4')]);
  clock.nowMs += 30 * MINUTE;
  await usage.fold();
  const store = new MemoryStore();
  const files = async () => ({ store, createParquetFile, rowsOfParquet });
  await createUsageExport({ tables, ledger, marks, files, clock, telemetry }).run();
  // The last hours are not folded, and one of those before was marked again.
  await marks.mark([hourOf(begin + 5 * 60 * MINUTE)]);
  for (const userId of ['u3', 'u4']) {
    for (const useCaseName of ['trail_finder', 'trail_analysis'])
      await instances.save({
        useCaseName,
        useCaseId: `of-${userId}`,
        userId,
        status: 'judged',
        texts: { issues: ['one'] },
        updatedAt: new Date(begin).toISOString(),
      });
    const outgoing = {
      event: usageEvent({ userId, occurredAt: new Date(begin).toISOString() }),
      attempt: 0,
      remaining: 'all' as const,
    };
    const why = { source: 'ingest', code: 'rejected', reason: 'no', atMs: begin } as const;
    await deadLetters.put([
      { ...why, id: `dead-${userId}`, state: 'dead', outgoing },
      { ...why, id: `sent-${userId}`, state: 'replayed', outgoing },
      { ...why, id: `text-${userId}`, state: 'dead', text: `{"userId":"${userId}"}` },
    ]);
    await keys.create({ name: userId, role: 'user', namesUsers: false }, 'op');
  }
  await keys.create({ name: 'made', role: 'user', namesUsers: false }, 'u3');
  const gate = makeGate(tables, {
    policies: [policy({ name: 'each', scope: 'user' }), policy()],
    clock: new ManualClock(clock.nowMs),
  });
  for (const userId of ['u3', 'u4']) {
    const hold = await gate.hold(call(usd(1), { userId, occurredAtMs: clock.nowMs }));
    await hold.settle(costing(usd(1)), 'succeeded');
  }
  await gate.close();
  const erasure = createUserErasure({
    tables,
    instances,
    keys,
    deadLetters,
    limits: tables.open<LimitRow>('limits'),
    atProvider: noContent,
    files,
    clock,
    telemetry,
    keptDays: 90,
  });
  const read = (userId: string) =>
    readUserData({ instances, ledger, deadLetters, keys, atProvider: noContent }, userId);
  const rows = async (query: UsageQuery) => (await usage.report(query)).rows;
  return { tables, clock, ledger, usage, erased, deadLetters, instances, keys, erasure, read, rows, store };
}

const instancesBy = async (usage: Awaited<ReturnType<typeof filled>>['usage']): Promise<string[]> =>
  (
    await usage.instances({ from: everything.from, before: everything.before }, (useCase, parts) =>
      [...parts].map(({ id, estimatedCost, user }) => `${useCase} ${id} ${estimatedCost} ${user}`),
    )
  )
    .flat()
    .sort();

test('deletes what is kept of a user, keeps all sums of usage, and leaves others alone', async () => {
  const { tables, clock, erasure, read, rows, usage, keys, deadLetters, store } = await filled();
  const filesBefore = sumsBy(await readFiles(store), 'x_UseCase');
  const before = await rows(withoutUsers);
  const [known, other] = [await read('u3'), await read('u4')];
  const othersBefore = (await rows(everything)).filter(({ user }) => user !== 'u3');
  const instancesBefore = await instancesBy(usage);
  const report = await erasure.erase('u3');
  expect(report).toMatchObject({ state: 'swept', beforeMs: clock.nowMs + 10 * MINUTE });
  expect(report.counts).toMatchObject({
    accessKeys: 1,
    instances: 2,
    deadLetters: 3,
    usageEvents: known.usage.events,
    refusals: 1,
    limits: 1,
  });
  expect(report.counts.ingestedEvents).toBeGreaterThan(20);
  expect(report.counts.rollups).toBeGreaterThan(20);

  expect(await read('u3')).toMatchObject({
    instances: { total: 0 },
    usage: { events: 0 },
    deadLetters: { total: 0 },
    accessKeys: [],
  });
  expect(await read('u4')).toEqual(other);
  expect(report.counts.exportedFiles).toBeGreaterThan(20);
  const inFiles = await readFiles(store);
  expect(inFiles.filter((row) => row['user_id'] === 'u3')).toEqual([]);
  expect(sumsBy(inFiles, 'x_UseCase')).toEqual(filesBefore);
  expect(await rows(withoutUsers)).toEqual(before);
  expect((await rows(everything)).filter(({ user }) => user !== ERASED_USER)).toEqual(othersBefore);
  expect(await rows({ ...everything, filters: { user: 'u3' } })).toEqual([]);
  expect(await instancesBy(usage)).toEqual(
    instancesBefore.map((part) => part.replace(/ u3$/, ` ${ERASED_USER}`)).sort(),
  );
  // Folded again from the ledger it is the same.
  clock.nowMs += 60 * MINUTE;
  await usage.fold();
  expect(await rows(withoutUsers)).toEqual(before);
  expect(await rows({ ...everything, filters: { user: 'u3' } })).toEqual([]);
  expect(await keys.show('u3')).toMatchObject({ state: 'revoked' });
  expect(await keys.show('made')).toMatchObject({ state: 'active', createdBy: ERASED_USER });
  expect(await deadLetters.find('dead-u3')).toMatchObject({
    state: 'dead',
    outgoing: { event: { userId: ERASED_USER } },
  });
  expect((await deadLetters.find('text-u3'))?.text).not.toContain('u3');
  expect(tables.rows<StateRow>('limits').filter(({ limitId }) => limitId?.startsWith('each'))).toHaveLength(1);

  expect(await erasure.resume()).toBe(0);
  expect(tables.rows('erasures')).toMatchObject([{ state: 'done' }]);
  const left = ['ledger', 'instances', 'deadletters', 'usage', 'limits', 'erasures'].flatMap((name) =>
    tables.rows(name),
  );
  expect(JSON.stringify(left, (_, value) => (typeof value === 'bigint' ? value.toString() : value))).not.toContain(
    '"u3"',
  );
});

test('goes on where its time ended, to the same result', async () => {
  const { tables, clock, erasure, read, rows, usage } = await filled();
  const before = await rows(withoutUsers);
  const known = await read('u3');
  clock.stepMs = 800;
  let report = await erasure.erase('u3');
  let runs = 1;
  for (; report.state === 'under_way'; runs += 1) {
    report = await erasure.erase('u3');
    if (runs % 3 === 0) await usage.fold();
  }
  expect(runs).toBeGreaterThan(5);
  expect(report.counts).toMatchObject({ usageEvents: known.usage.events, instances: 2, limits: 1 });
  clock.stepMs = 0;
  expect(await read('u3')).toMatchObject({ usage: { events: 0 }, instances: { total: 0 }, deadLetters: { total: 0 } });
  expect(await rows(withoutUsers)).toEqual(before);
  expect(await rows({ ...everything, filters: { user: 'u3' } })).toEqual([]);
  // Not before other processes know of it.
  expect(await erasure.resume()).toBe(1);
  clock.nowMs += 10 * MINUTE;
  clock.stepMs = 1_000;
  let looks = 1;
  while ((await erasure.resume()) > 0) looks += 1;
  expect(looks).toBeGreaterThan(5);
  expect(tables.rows('erasures')).toMatchObject([{ state: 'done' }]);
  clock.stepMs = 0;
  clock.nowMs += 91 * 24 * 60 * MINUTE;
  await erasure.resume();
  expect(tables.rows('erasures')).toEqual([]);
});

test('an event that comes late counts for nobody when its call began before, and for the user when it began after', async () => {
  const { clock, erasure, erased, deadLetters, ledger, read } = await filled();
  await erasure.erase('u3');
  const eventAt = (ms: number) => {
    const event = usageEvent({ userId: 'u3', occurredAt: new Date(ms).toISOString() });
    return { event, attempt: 0, remaining: 'all' as const };
  };
  const [early, late] = [eventAt(begin), eventAt(clock.nowMs + 11 * MINUTE)];
  // A process that has read the list before reads it again within a minute.
  clock.nowMs += MINUTE;
  const messages = await erased.anonymise([received(early), received(late)]);
  expect(messages.map(({ body }) => (body as { userId: string }).userId)).toEqual([ERASED_USER, 'u3']);
  const letter = {
    id: 'x',
    source: 'broker',
    code: 'c',
    reason: 'r',
    atMs: begin,
    state: 'dead',
    outgoing: early,
  } as const;
  await deadLetters.put([letter]);
  expect((await deadLetters.find('x'))?.outgoing?.event).toMatchObject({ userId: ERASED_USER });
  await ledger.record([{ outgoing: late, tried: false, state: 'ingested', outcome: 'accepted', atMs: clock.nowMs }]);
  expect((await read('u3')).usage.events).toBe(1);
  clock.nowMs += 12 * MINUTE;
  expect(await erasure.resume()).toBe(0);
  expect((await read('u3')).usage.events).toBe(1);
});

test('what another process wrote before it knew is deleted by the second look', async () => {
  const { clock, erasure, ledger, instances, read } = await filled();
  await erasure.erase('u3');
  const event = usageEvent({ userId: 'u3', occurredAt: new Date(clock.nowMs).toISOString() });
  const outgoing = { event, attempt: 0, remaining: 'all' as const };
  await ledger.record([{ outgoing, tried: false, state: 'ingested', outcome: 'accepted', atMs: clock.nowMs }]);
  const updatedAt = new Date(clock.nowMs + MINUTE).toISOString();
  await instances.save({ useCaseName: 'trail_finder', useCaseId: 'new', userId: 'u3', status: 'pending', updatedAt });
  expect(await read('u3')).toMatchObject({ usage: { events: 1 }, instances: { total: 1 } });
  clock.nowMs += 11 * MINUTE;
  expect(await erasure.resume()).toBe(0);
  expect(await read('u3')).toMatchObject({ usage: { events: 0 }, instances: { total: 0 } });
  expect(await all(ledger.since('2026'))).not.toHaveLength(0);
});
