import type { Ledger } from '../ledger/ledger.ts';
import type { Overrides } from '../limits/policies/overrides/override.ts';
import type { Policy } from '../limits/policies/policy.ts';
import { windowAt } from '../limits/policies/window.ts';
import { changeState, readState, type StateDeps } from '../limits/state/change-state.ts';
import { changesOf } from '../limits/state/limit-changes.ts';
import { amountsOf, larger, moveLevel, spentOf } from '../limits/state/limit-math.ts';
import type { StateRow } from '../limits/state/limit-rows.ts';
import { dayOf } from '../util/days.ts';
import { inParallel } from '../util/in-parallel.ts';
import { toUsd } from '../util/money.ts';
import { type LedgerSums, type LimitSums, sumByLimit } from './limit-sums.ts';

export interface RebuildLimitsOptions extends StateDeps {
  ledger: Pick<Ledger, 'since'>;
  policies: readonly Policy[];
  overrides?: Overrides;
  /** Events that are not in the ledger yet. */
  countOnTheWay(): Promise<number>;
}

/** What a limit counted as spent, and counts now. */
export interface RebuiltLimit {
  limitId: string;
  beforeUsd: number;
  afterUsd: number;
}

export interface RebuiltLimits {
  limits: RebuiltLimit[];
  /** Limits whose figures an admin changed: they are left as they are. */
  left: string[];
  /** Calls without a price, which count as 0. */
  unpriced: number;
  /** False where calls went on all the time: then figures may lack what calls of some seconds cost. */
  isExact: boolean;
}

/** A cost reaches its limit within this time after the call's event was published, also when one write of it gets no answer for 5 s. */
const SETTLED_MS = 10_000;
const PASSES = 20;
const WIDTH = 16;

/**
 * Raises each limit to what its calls in the ledger cost. It may run while calls go on: compared is what the ledger had some seconds
 * ago, all of which has reached the limits by now, so that no call counts twice. It ends when nothing has changed between two looks.
 */
export async function rebuildLimits(options: RebuildLimitsOptions): Promise<RebuiltLimits> {
  const { clock, countOnTheWay } = options;
  const rebuilt = new Map<string, RebuiltLimit>();
  const left = new Set<string>();
  let sums = await readSums(options);
  for (let pass = 1; ; pass++) {
    await clock.sleep(SETTLED_MS);
    const { readAtMs } = sums;
    const raised = await inParallel([...sums.limits], WIDTH, ([limitId, limit]) =>
      raise(options, limitId, limit, readAtMs),
    );
    for (const one of raised) {
      if (one === undefined) continue;
      if (one.isLeft) left.add(one.limitId);
      else {
        const { limitId, afterUsd } = one;
        rebuilt.set(limitId, { limitId, afterUsd, beforeUsd: rebuilt.get(limitId)?.beforeUsd ?? one.beforeUsd });
      }
    }
    const now = await readSums(options);
    const isExact =
      raised.every((one) => one === undefined || one.isLeft) && same(sums, now) && (await countOnTheWay()) === 0;
    if (isExact || pass === PASSES) {
      return { limits: [...rebuilt.values()], left: [...left].sort(), unpriced: now.unpriced, isExact };
    }
    sums = now;
  }
}

/** `readAtMs`: when all of the ledger was read; ms, UTC. */
async function readSums({
  ledger,
  policies,
  overrides,
  clock,
}: RebuildLimitsOptions): Promise<LedgerSums & { readAtMs: number }> {
  const nowMs = clock.now();
  const begins = policies.map((policy) => windowAt(policy, nowMs).fromMs);
  const fromMs = Math.max(0, Math.min(nowMs, ...begins));
  const sums = await sumByLimit(ledger.since(dayOf(fromMs)), policies, nowMs, overrides);
  return { ...sums, readAtMs: clock.now() };
}

/** Undefined where the limit counts that much already. */
async function raise(
  deps: StateDeps,
  limitId: string,
  sums: LimitSums,
  readAtMs: number,
): Promise<(RebuiltLimit & { isLeft: boolean }) | undefined> {
  const found = await readState(deps.limits, limitId);
  if (found && found.settledNano >= sums.settledNano && found.reportedNano >= sums.reportedNano) return undefined;
  // What was reset or corrected is less than its calls cost, and is meant to be.
  if (found && (await changesOf(deps.limits, limitId)).length > 0) {
    const spentUsd = toUsd(spentOf(found));
    return { limitId, beforeUsd: spentUsd, afterUsd: spentUsd, isLeft: true };
  }
  let before: StateRow | undefined;
  const after = await changeState(deps, limitId, (now) => {
    before = now;
    const next: StateRow = {
      ...now,
      settledNano: larger(now.settledNano, sums.settledNano),
      reportedNano: larger(now.reportedNano, sums.reportedNano),
      // Pay-i was asked after it had taken all of that, by an app that had lost count of it.
      ...(now.payiAtMs >= readAtMs && { payiReportedNano: larger(now.payiReportedNano, sums.reportedNano) }),
      // A state that is there knows which of its holds were corrected.
      abandonedNano: found ? now.abandonedNano : sums.abandonedNano,
      ...(now.maxNano === 0n && amountsOf(sums.policy)),
      figuresAtMs: deps.clock.now(),
      ...(sums.settledNano > now.settledNano && { rebuiltAtMs: deps.clock.now() }),
    };
    moveLevel(next, now.maxNano, spentOf(next), deps.clock.now());
    return { state: next };
  });
  const beforeUsd = toUsd(before ? spentOf(before) : 0n);
  return { limitId, beforeUsd, afterUsd: toUsd(spentOf(after)), isLeft: false };
}

const same = (one: LedgerSums, other: LedgerSums): boolean =>
  one.limits.size === other.limits.size &&
  [...one.limits].every(([limitId, { settledNano, reportedNano }]) => {
    const now = other.limits.get(limitId);
    return now?.settledNano === settledNano && now.reportedNano === reportedNano;
  });
