import type { UsageEvent } from '../events/usage-event.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import type { CircuitBreaker } from '../util/circuit-breaker.ts';
import type { Clock } from '../util/clock.ts';
import { inParallel } from '../util/in-parallel.ts';
import { type Item, isDelivered } from './batch-items.ts';
import type { IngestResult, PutOff } from './ingest-result.ts';
import type { KpiScores } from './kpi-scores.ts';
import type { PayiIngester } from './payi-ingester.ts';

/** What it takes to bring the items of a batch to Pay-i. */
export interface PayiDeps {
  sink: PayiIngester;
  kpis: KpiScores;
  breaker: CircuitBreaker;
  /** Makes limits at Pay-i that it does not know yet: an event that names an unknown one is refused. */
  ensureLimits(limitIds: Iterable<string>): Promise<void>;
  clock: Clock;
  telemetry: Telemetry;
}

const KPIS_AT_ONCE = 8;

/** Ingests the usage that Pay-i may not have; each item gets its verdict. No call is begun after the deadline. */
export async function ingestUsage(items: Item[], deadlineMs: number, options: PayiDeps): Promise<void> {
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

/** Records the KPIs of the items whose usage is there, so that none comes before its instance (D5). */
export async function recordKpis(items: Item[], deadlineMs: number, options: PayiDeps): Promise<void> {
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

async function recordOne({ outgoing }: Item, { kpis, breaker, clock, telemetry }: PayiDeps): Promise<IngestResult> {
  const waitMs = breaker.waitMs(clock.now());
  if (waitMs > 0) return payiIsDown(waitMs);
  try {
    return await kpis.record(outgoing.event);
  } catch (error) {
    telemetry.warn('batch-kpi-failed', describeError(error));
    return { kind: 'transient', code: 'kpi_order_unavailable', reason: 'The table of KPI scores gave no answer.' };
  }
}

/** What this batch brought to Pay-i by limit: the sums of our own estimates. Duplicates were counted when they came first. */
export function reportedCosts(items: Item[]): Map<string, bigint> {
  const reported = new Map<string, bigint>();
  for (const { delivered, outgoing } of items) {
    if (delivered?.kind !== 'accepted' || outgoing.event.kind !== 'usage') continue;
    const cost = BigInt(outgoing.event.estimatedCost ?? 0);
    for (const limitId of outgoing.event.limitIds) reported.set(limitId, (reported.get(limitId) ?? 0n) + cost);
  }
  return reported;
}

const payiIsDown = (retryAfterMs: number): PutOff => ({
  kind: 'transient',
  code: 'breaker_open',
  reason: 'Pay-i does not serve at the moment.',
  retryAfterMs,
});

const outOfTime: PutOff = { kind: 'transient', code: 'out_of_time', reason: 'The batch ran out of time.' };
