import type { Table } from '../../tables/table.ts';
import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { periodOf } from '../policies/limit-id.ts';
import type { Policy } from '../policies/policy.ts';
import type { PolicyBook } from '../policies/policy-book.ts';
import type { ThresholdAlerts } from '../state/alerts.ts';
import { currentStates } from '../state/current-states.ts';
import type { LimitRow } from '../state/limit-rows.ts';
import type { PayiMirror } from './payi-mirror.ts';

interface RefreshOptions {
  limits: Table<LimitRow>;
  policies: Pick<PolicyBook, 'current'>;
  mirror: Pick<PayiMirror, 'refresh'>;
  crossings: Pick<ThresholdAlerts, 'catchUp'>;
  clock: Clock;
  telemetry: Telemetry;
}

/** For so long after a period has ended its crossings are announced that were not before. */
const LATE_MS = 24 * 3_600_000;

/**
 * Reads all limits of the current periods at Pay-i and announces what was left unannounced, in these periods and in those
 * that ended within a day. A limit for which this fails holds up no other.
 */
export async function refreshAll(options: RefreshOptions): Promise<void> {
  const { limits, policies, mirror, crossings, clock, telemetry } = options;
  const now = clock.now();
  for (const policy of policies.current()) {
    for (const atMs of moments(policy, now)) {
      for await (const state of currentStates(limits, policy, atMs, atMs !== now)) {
        const limitId = state.partitionKey;
        try {
          if (atMs === now) await mirror.refresh(limitId);
          await crossings.catchUp(limitId, state);
        } catch (error) {
          telemetry.warn('limit-not-refreshed', { limitId, ...describeError(error) });
        }
      }
    }
  }
}

/** One of each period that matters. */
const moments = ({ window }: Policy, now: number): number[] =>
  periodOf(window, now - LATE_MS) === periodOf(window, now) ? [now] : [now - LATE_MS, now];
