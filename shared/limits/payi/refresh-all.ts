import type { Stored, Table } from '../../tables/table.ts';
import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { inParallel } from '../../util/in-parallel.ts';
import { unannounced } from '../alerts/alert.ts';
import type { AlertOutbox } from '../alerts/alert-outbox.ts';
import type { ThresholdAlerts } from '../alerts/threshold-alerts.ts';
import { existsAtPayi, type Policy } from '../policies/policy.ts';
import type { PolicyBook } from '../policies/policy-book.ts';
import { windowAt } from '../policies/window.ts';
import { currentStates } from '../state/current-states.ts';
import type { LimitRow, StateRow } from '../state/limit-rows.ts';
import type { PayiMirror } from './payi-mirror.ts';

export interface RefreshOptions {
  limits: Table<LimitRow>;
  policies: Pick<PolicyBook, 'current'>;
  mirror: Pick<PayiMirror, 'refresh'>;
  crossings: Pick<ThresholdAlerts, 'catchUp'>;
  outbox: Pick<AlertOutbox, 'deliverDue'>;
  clock: Clock;
  telemetry: Telemetry;
  /** Where an earlier run ended in Pay-i's list before it was through. */
  cursor?: string | undefined;
}

/** For so long after a period has ended its crossings are announced that were not before; of the last few periods. */
const LATE_MS = 24 * 3_600_000;
const LATE_PERIODS = 3;
/** The timer runs every minute; work that is not begun by then is left to the next run. */
const BEGIN_WITHIN_MS = 45_000;
const POLICIES_AT_ONCE = 4;
const ALERTS_AT_ONCE = 8;

/**
 * Reads the limits of the current periods that exist at Pay-i, delivers alerts that are due, and announces what was left unannounced, in these periods
 * and in those that ended within a day. A limit for which this fails holds up no other. Ends within a minute.
 * @returns where the next run goes on in Pay-i's list; undefined when this one was through. Safe when two run.
 */
export async function refreshAll(options: RefreshOptions): Promise<string | undefined> {
  const { policies, mirror, crossings, outbox, clock, telemetry, cursor } = options;
  const startMs = clock.now();
  const untilMs = startMs + BEGIN_WITHIN_MS;
  const atPayi = new Map<string, Stored<StateRow>>();
  const crossed: Stored<StateRow>[] = [];
  await inParallel(policies.current(), POLICIES_AT_ONCE, async (policy) => {
    try {
      await collect(options, policy, startMs, atPayi, crossed);
    } catch (error) {
      telemetry.warn('limits-not-listed', { policy: policy.name, ...describeError(error) });
    }
  });
  const end = await mirror.refresh(atPayi, { untilMs, cursor });
  let left = 0;
  await inParallel(crossed, ALERTS_AT_ONCE, async (state) => {
    const { limitId } = state;
    if (clock.now() >= untilMs) left++;
    else
      await crossings
        .catchUp(state)
        .catch((error: unknown) => telemetry.warn('limit-not-announced', { limitId, ...describeError(error) }));
  });
  left += await outbox.deliverDue(untilMs).catch((error: unknown) => {
    telemetry.warn('limit-alerts-not-read', describeError(error));
    return 0;
  });
  telemetry.measure('limits-refresh-s', (clock.now() - startMs) / 1_000);
  telemetry.measure('limits-refresh-backlog', end.cursor === undefined ? 0 : end.left);
  telemetry.measure('limits-alert-backlog', left);
  return end.cursor;
}

/** The states of a policy that are to be refreshed, and those past a threshold. */
async function collect(
  { limits }: RefreshOptions,
  policy: Policy,
  now: number,
  atPayi: Map<string, Stored<StateRow>>,
  crossed: Stored<StateRow>[],
): Promise<void> {
  for (const atMs of moments(policy, now)) {
    const refreshed = atMs === now && existsAtPayi(policy);
    for await (const state of currentStates(limits, policy, atMs, !refreshed)) {
      if (refreshed) atPayi.set(state.limitId, state);
      if (unannounced(state).length > 0) crossed.push(state);
    }
  }
}

/** One of each period that matters. */
function moments(policy: Policy, now: number): number[] {
  const found = [now];
  let { fromMs } = windowAt(policy, now);
  while (fromMs > now - LATE_MS && found.length <= LATE_PERIODS) {
    found.unshift(fromMs - 1);
    ({ fromMs } = windowAt(policy, fromMs - 1));
  }
  return found;
}
