import type { DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import type { KeyedRuns } from '../idempotency/keyed-runs.ts';
import type { KpiScores } from '../ingest/kpi-scores.ts';
import type { InstanceStore } from '../instances/instance-store.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PublishedEvents } from '../ledger/published-events.ts';
import type { LimitService } from '../limits/limit-service.ts';
import type { RateLimits } from '../rate-limits/rate-limits.ts';
import type { InstanceIndex } from '../usage/instance-index/instance-index.ts';
import type { RefusalRows } from '../usage/refusals/refusal-rows.ts';
import type { RollupStore } from '../usage/rollups/rollup-store.ts';
import type { Clock } from '../util/clock.ts';
import { DAY_MS, dayOf } from '../util/days.ts';

export interface RetentionOptions {
  register: Pick<PublishedEvents, 'prune'>;
  ledger: Pick<Ledger, 'prune'>;
  instanceIndex: Pick<InstanceIndex, 'prune'>;
  deadLetters: Pick<DeadLetterStore, 'prune'>;
  kpis: Pick<KpiScores, 'prune'>;
  limits: Pick<LimitService, 'prune'>;
  keyedRuns: Pick<KeyedRuns, 'prune'>;
  rateLimits: Pick<RateLimits, 'prune'>;
  instances: Pick<InstanceStore, 'prune'>;
  usage: Pick<RollupStore, 'prune'>;
  refusals: Pick<RefusalRows, 'prune'>;
  /** Batches of the gateway, which is above this room. */
  batches: { prune(beforeMs: number): Promise<number> };
  clock: Clock;
}

/** How many days to keep what is known of each event, and the sums of usage. */
export interface RetentionDays {
  events: number;
  usage: number;
}

/**
 * Deletes what is older than the retention. Dead letters that nobody dealt with stay; keyed runs have a retention of their own.
 * @returns how many rows
 */
export async function prune(options: RetentionOptions, days: RetentionDays): Promise<number> {
  const { register, ledger, instanceIndex, deadLetters, kpis, limits, keyedRuns, rateLimits } = options;
  const { instances, usage, refusals, batches, clock } = options;
  const beforeMs = clock.now() - days.events * DAY_MS;
  let rows = await register.prune(dayOf(beforeMs));
  // Kept a day longer: the register goes by when an event was published, the ledger by when its call began.
  rows += await ledger.prune(dayOf(beforeMs - DAY_MS));
  rows += await instanceIndex.prune(dayOf(beforeMs - DAY_MS));
  rows += await deadLetters.prune(beforeMs);
  rows += await limits.prune(beforeMs);
  rows += await instances.prune(beforeMs);
  rows += await batches.prune(beforeMs);
  rows += await refusals.prune(dayOf(beforeMs - DAY_MS));
  rows += await usage.prune(dayOf(clock.now() - days.usage * DAY_MS));
  rows += await keyedRuns.prune();
  // A bucket is full again after a minute; a day leaves room for clocks.
  rows += await rateLimits.prune(clock.now() - DAY_MS);
  return rows + (await kpis.prune(beforeMs));
}
