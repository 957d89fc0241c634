import type { Clock } from '../clock.ts';
import { describeError, type Telemetry } from '../telemetry.ts';
import type { UsageEvent } from '../usage-event.ts';
import { decodeAll, type Item, isDelivered, ledgerEntries, letterOf } from './batch-items.ts';
import type { Breaker } from './breaker.ts';
import type { DeadLetter, DeadLetterStore } from './dead-letters.ts';
import { decide, putOff } from './decide.ts';
import { BatchUnfinishedError } from './errors.ts';
import { inParallel } from './in-parallel.ts';
import type { KpiScores } from './kpi-scores.ts';
import type { Ledger } from './ledger.ts';
import type { Outbox } from './outbox.ts';
import { messageId, type Outgoing, type Received } from './outgoing.ts';
import type { UsageQueue } from './usage-queue.ts';
import type { UsageSink } from './usage-sink.ts';
import type { PutOff, Verdict } from './verdict.ts';

export interface IngestOptions {
  sink: UsageSink;
  kpis: KpiScores;
  queue: Pick<UsageQueue, 'send'>;
  outbox: Pick<Outbox, 'put'>;
  ledger: Pick<Ledger, 'record'>;
  deadLetters: Pick<DeadLetterStore, 'put' | 'withdraw'>;
  breaker: Breaker;
  /** Makes limits at Pay-i that it does not know yet: an event that names an unknown one is refused. */
  ensureLimits(limitIds: Iterable<string>): Promise<void>;
  /** Told of the limits whose spend has changed at Pay-i, and of our estimate of it in nano-USD. */
  refreshLimits(reported: ReadonlyMap<string, bigint>): void | Promise<void>;
  clock: Clock;
  /** Of [0, 1). */
  random(): number;
  telemetry: Telemetry;
  /** Called between any two steps; a fault test ends the process there. */
  step?(name: string): void | Promise<void>;
}

export interface BatchReport {
  ingested: number;
  duplicates: number;
  putOff: number;
  deadLettered: number;
}

/** A batch gets no lock renewal: no call is begun after this, which with one call's time stays well within the lock. */
export const BATCH_MS = 120_000;
const KPIS_AT_ONCE = 8;
const PAUSE_MS = 2_000;

/**
 * Ingests one batch of the queue. It ends without an error only when every event of it is at Pay-i and in the ledger, or
 * in the queue for later, or in the outbox, or among the dead letters. Whatever it did before it failed or crashed may be
 * done again: each write is idempotent or looked up before (D3).
 * @throws BatchUnfinishedError: then the host delivers all of it again
 */
export async function ingestBatch(messages: Received[], options: IngestOptions): Promise<BatchReport> {
  const { clock, telemetry, step = () => undefined } = options;
  const deadlineMs = clock.now() + BATCH_MS;
  const { items, undecodable } = decodeAll(messages, clock.now());
  await step('decoded');

  await ingestUsage(items, deadlineMs, options);
  await step('ingested');
  await recordKpis(items, deadlineMs, options);
  await step('kpis-recorded');

  const later: Outgoing[] = [];
  const dead: { letter: DeadLetter; item: Item }[] = [];
  const done: Item[] = [];
  for (const item of items) {
    const to = decide(item.outgoing, item.verdict ?? { kind: 'accepted' }, clock.now(), options.random());
    if (to.to === 'done') done.push(item);
    else if (to.to === 'later') later.push(to.outgoing);
    else dead.push({ item, letter: letterOf(item.outgoing, to, clock.now()) });
  }
  const again = (outgoing: Outgoing, code: string): Outgoing => {
    const verdict: PutOff = { kind: 'transient', code, reason: code };
    // Without an end: there is no place left where it could be given up.
    return putOff({ ...outgoing, sinceMs: clock.now() }, clock.now(), options.random(), verdict) ?? outgoing;
  };

  await attempt(
    'dead-letters',
    () => options.deadLetters.put(dead.map(({ letter }) => letter)),
    () => {
      later.push(...dead.splice(0).map(({ item }) => again(item.outgoing, 'dead_letters_unavailable')));
    },
  );
  let lost: unknown;
  await options.deadLetters.put(undecodable).catch((error: unknown) => {
    lost = error;
  });
  await step('dead-lettered');

  const entries = ledgerEntries(items, new Set(dead.map(({ item }) => item)), new Set(done), clock.now());
  await attempt(
    'ledger',
    async () => {
      await options.ledger.record(entries);
      // A crash after an event was given up brings it again, and this time Pay-i may take it.
      const tried = done.filter((item) => item.tried);
      await options.deadLetters.withdraw(tried.map(({ outgoing }) => outgoing.event.eventId));
    },
    () => {
      later.push(
        ...done.splice(0).map((item) => again({ ...item.outgoing, remaining: 'record' }, 'ledger_unavailable')),
      );
    },
  );
  await step('recorded');

  await postpone(later, options);
  await step('put-off');
  // Last, so that what is no event holds up nobody.
  if (lost) throw new BatchUnfinishedError(undecodable.length, lost);

  const reported = reportedCosts(items);
  if (reported.size > 0)
    await attempt(
      'refresh-limits',
      async () => options.refreshLimits(reported),
      () => undefined,
    );

  const report = {
    ingested: done.length,
    duplicates: items.filter(({ delivered }) => delivered?.kind === 'duplicate').length,
    putOff: later.length,
    deadLettered: dead.length + undecodable.length,
  };
  for (const [name, count] of Object.entries(report)) if (count > 0) telemetry.count(`batch-${name}`, count);
  return report;

  async function attempt(what: string, work: () => Promise<unknown>, otherwise: () => void): Promise<void> {
    try {
      await work();
    } catch (error) {
      telemetry.warn(`batch-${what}-failed`, describeError(error));
      otherwise();
    }
  }
}

async function ingestUsage(items: Item[], deadlineMs: number, options: IngestOptions): Promise<void> {
  const { sink, breaker, clock } = options;
  const usage = items.filter(({ outgoing }) => outgoing.event.kind === 'usage' && outgoing.remaining === 'all');
  const goOn = (): PutOff | undefined => (clock.now() > deadlineMs ? outOfTime : undefined);
  const begin = (): PutOff | undefined => {
    const waitMs = breaker.enter(clock.now());
    return waitMs > 0 ? payiIsDown(waitMs) : goOn();
  };
  const entries = usage.map(({ outgoing, tried }) => ({ event: outgoing.event as UsageEvent, tried }));
  // Where they can't be made, Pay-i's own answer to each event decides.
  if (breaker.waitMs(clock.now()) === 0)
    await options
      .ensureLimits(entries.flatMap(({ event }) => event.limitIds))
      .catch((error: unknown) => options.telemetry.warn('batch-ensure-limits-failed', describeError(error)));
  const verdicts = await sink.ingest(entries, { begin, goOn });
  for (const [place, item] of usage.entries()) {
    const verdict = verdicts[place] ?? outOfTime;
    item.verdict = verdict;
    if (!isDelivered(verdict)) continue;
    item.delivered = verdict;
    item.outgoing = { ...item.outgoing, remaining: 'kpis' };
  }
}

const payiIsDown = (retryAfterMs: number): PutOff => ({
  kind: 'transient',
  code: 'breaker_open',
  reason: 'Pay-i does not serve at the moment.',
  retryAfterMs,
});

const outOfTime: PutOff = { kind: 'transient', code: 'out_of_time', reason: 'The batch ran out of time.' };

async function recordKpis(items: Item[], deadlineMs: number, options: IngestOptions): Promise<void> {
  const due = items.filter(
    ({ outgoing, verdict }) =>
      (!verdict || isDelivered(verdict)) && outgoing.remaining !== 'record' && outgoing.event.kpis.length > 0,
  );
  // Oldest first, so that the newest score of an instance is mostly put last and once.
  due.sort((a, b) => a.outgoing.event.occurredAt.localeCompare(b.outgoing.event.occurredAt));
  await inParallel(due, KPIS_AT_ONCE, async (item) => {
    item.outgoing = { ...item.outgoing, remaining: 'kpis' };
    item.verdict = options.clock.now() > deadlineMs ? outOfTime : await recordOne(item, options);
  });
}

async function recordOne({ outgoing }: Item, { kpis, breaker, clock, telemetry }: IngestOptions): Promise<Verdict> {
  const waitMs = breaker.waitMs(clock.now());
  if (waitMs > 0) return payiIsDown(waitMs);
  try {
    return await kpis.record(outgoing.event);
  } catch (error) {
    telemetry.warn('batch-kpi-failed', describeError(error));
    return { kind: 'transient', code: 'kpi_order_unavailable', reason: 'The table of KPI scores gave no answer.' };
  }
}

/** Back into the queue for later, else into the outbox; else the batch has failed. */
async function postpone(later: Outgoing[], { queue, outbox, clock, telemetry }: IngestOptions): Promise<void> {
  if (later.length === 0) return;
  try {
    await queue.send(later.map((outgoing) => ({ outgoing })));
  } catch (error) {
    telemetry.warn('batch-put-off-failed', { events: later.length, ...describeError(error) });
    try {
      await outbox.put(later.map((outgoing) => ({ outgoing, messageId: messageId(outgoing) })));
    } catch (cause) {
      // Delivered again at once, it would use up its deliveries within seconds.
      await clock.sleep(PAUSE_MS);
      throw new BatchUnfinishedError(later.length, cause);
    }
  }
}

/** What this batch brought to Pay-i by limit: the sums of our own estimates. Duplicates were counted when they came first. */
function reportedCosts(items: Item[]): Map<string, bigint> {
  const reported = new Map<string, bigint>();
  for (const { delivered, outgoing } of items) {
    if (delivered?.kind !== 'accepted' || outgoing.event.kind !== 'usage') continue;
    const cost = BigInt(outgoing.event.estimatedCost ?? 0);
    for (const limitId of outgoing.event.limitIds) reported.set(limitId, (reported.get(limitId) ?? 0n) + cost);
  }
  return reported;
}
