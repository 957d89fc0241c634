import type { DeadLetter, DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import { BatchUnfinishedError } from '../events/errors.ts';
import { messageId, type QueuedEvent, type Received } from '../events/queued-event.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Outbox } from '../publishing/outbox.ts';
import type { UsageQueue } from '../service-bus/usage-queue.ts';
import { describeError } from '../telemetry/telemetry.ts';
import { toUsd } from '../util/money.ts';
import { ingestUsage, type PayiDeps, recordKpis, reportedCosts } from './batch-at-payi.ts';
import { deadLetterOf, decodeAll, type Item, ledgerEntries } from './batch-items.ts';
import { startBatchSpan, traceItems } from './batch-spans.ts';
import { decide, putOff } from './decide.ts';
import type { PutOff } from './ingest-result.ts';

export interface IngestOptions extends PayiDeps {
  queue: Pick<UsageQueue, 'send'>;
  outbox: Pick<Outbox, 'put'>;
  ledger: Pick<Ledger, 'record'>;
  deadLetters: Pick<DeadLetterStore, 'put' | 'withdraw'>;
  /** Gets the limits whose spend has changed at Pay-i, and of our estimate of it in nano-USD. */
  refreshLimits(reported: ReadonlyMap<string, bigint>): void | Promise<void>;
  /** Of [0, 1). */
  random(): number;
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
const PAUSE_MS = 2_000;

/**
 * Ingests one batch of the queue. It ends without an error only when every event of it is at Pay-i and in the ledger, or
 * in the queue for later, or in the outbox, or among the dead letters. Whatever it did before it failed or crashed may be
 * done again: each write is idempotent or looked up before (D3).
 * @throws BatchUnfinishedError: then the host delivers all of it again
 */
export async function ingestBatch(messages: Received[], options: IngestOptions): Promise<BatchReport> {
  const { clock, telemetry, step = () => undefined } = options;
  const startedMs = clock.now();
  const deadlineMs = startedMs + BATCH_MS;
  const { items, undecodable } = decodeAll(messages, clock.now());
  const span = startBatchSpan(items, startedMs);
  await step('decoded');

  await ingestUsage(items, deadlineMs, options);
  await step('ingested');
  await recordKpis(items, deadlineMs, options);
  traceItems(items, startedMs);
  span.end();
  await step('kpis-recorded');

  const later: QueuedEvent[] = [];
  const dead: { letter: DeadLetter; item: Item }[] = [];
  const done: Item[] = [];
  for (const item of items) {
    const to = decide(item.outgoing, item.verdict ?? { kind: 'accepted' }, clock.now(), options.random());
    if (to.to === 'done') done.push(item);
    else if (to.to === 'later') later.push(to.outgoing);
    else dead.push({ item, letter: deadLetterOf(item.outgoing, to, clock.now()) });
  }
  const again = (outgoing: QueuedEvent, code: string): QueuedEvent => {
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
  for (const { letter } of dead) logDeadLetter(letter, telemetry);
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
  // Last, so that what is not an event holds up nobody.
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
  telemetry.info('batch-ended', { ...report, costUsd: costOf(done), ms: clock.now() - startedMs });
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

function logDeadLetter({ id, code, outgoing }: DeadLetter, telemetry: IngestOptions['telemetry']): void {
  const event = outgoing?.event;
  const requestId = event?.kind === 'usage' ? event.requestProperties['request_id'] : undefined;
  telemetry.warn('event-dead-lettered', { eventId: id, code, useCaseId: event?.useCase.id, requestId });
}

/** USD by our price book: Pay-i's answer to a bulk has no costs. Models without a price count as 0. */
function costOf(items: Item[]): number {
  const costs = items.map(({ outgoing: { event } }) => (event.kind === 'usage' ? (event.estimatedCost ?? 0) : 0));
  return toUsd(costs.reduce((sum, cost) => sum + BigInt(cost), 0n));
}

/** Back into the queue for later, else into the outbox; else the batch has failed. */
async function postpone(later: QueuedEvent[], { queue, outbox, clock, telemetry }: IngestOptions): Promise<void> {
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
