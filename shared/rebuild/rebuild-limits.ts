import type { Ledger } from '../ledger/ledger.ts';
import type { OwnerRow } from '../limits/owners/owner-rows.ts';
import type { Overrides } from '../limits/policies/overrides/override.ts';
import type { Policy } from '../limits/policies/policy.ts';
import { toFigure } from '../limits/policies/units.ts';
import { windowAt } from '../limits/policies/window.ts';
import { changeState, readState, type StateDeps } from '../limits/state/change-state.ts';
import { changesOf } from '../limits/state/limit-changes.ts';
import { amountsOf, larger, moveLevel, spentOf } from '../limits/state/limit-math.ts';
import type { StateRow } from '../limits/state/limit-rows.ts';
import type { Table } from '../tables/table.ts';
import { dayOf } from '../util/days.ts';
import { inParallel } from '../util/in-parallel.ts';
import { isInLedger, type LedgerSums, type LimitSums, sumByLimit } from './limit-sums.ts';
import { heldBySilent, readSilentOwners, type SilentOwners } from './silent-owners.ts';

export interface RebuildLimitsOptions extends StateDeps {
  ledger: Pick<Ledger, 'since'>;
  holders: Table<OwnerRow>;
  policies: readonly Policy[];
  overrides?: Overrides;
  /** Names of the properties that the ledger keeps. */
  properties: readonly string[];
  /** Events that are not in the ledger yet. */
  countOnTheWay(): Promise<number>;
}

/** What a limit counted as spent, and counts now: USD, or pieces of its unit. */
export interface RebuiltLimit {
  limitId: string;
  before: number;
  after: number;
}

export interface RebuiltLimits {
  limits: RebuiltLimit[];
  /** Limits whose figures an admin changed: they are left as they are. */
  left: string[];
  /** Policies whose limits can't be made again: the ledger does not have what they count or go by. */
  unknown: string[];
  /** Calls without a price, which count as 0. */
  unpriced: number;
  /** False where calls went on all the time: then figures may lack what calls of some seconds cost. */
  isExact: boolean;
  /** Calls of processes that seem to have died: until others end them, figures may lack what they cost. */
  openCalls: number;
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
  const { clock, countOnTheWay, holders, policies, properties } = options;
  const rebuilt = new Map<string, RebuiltLimit>();
  const left = new Set<string>();
  let sums = await readSums(options);
  for (let pass = 1; ; pass++) {
    await clock.sleep(SETTLED_MS);
    const { readAtMs } = sums;
    const silent = await readSilentOwners(holders, readAtMs);
    const raised = await inParallel([...sums.limits], WIDTH, ([limitId, limit]) =>
      raise(options, limitId, limit, readAtMs, silent),
    );
    for (const one of raised) {
      if (one === undefined || one.isPutOff) continue;
      const { limitId, before, after } = one;
      if (one.isLeft) left.add(limitId);
      else rebuilt.set(limitId, { limitId, after, before: rebuilt.get(limitId)?.before ?? before });
    }
    const now = await readSums(options);
    const isDone = raised.every((one) => one === undefined || one.isLeft) && silent.calls === 0;
    const isSame = same(sums, now);
    const isExact = isDone && isSame && (await countOnTheWay()) === 0;
    if (isExact || pass === PASSES)
      return {
        limits: [...rebuilt.values()],
        left: [...left].sort(),
        unknown: policies.filter((policy) => !isInLedger(policy, properties)).map(({ name }) => name),
        unpriced: now.unpriced,
        isExact,
        openCalls: silent.calls,
      };
    // Who is alive has renewed its lease some time after the ledger came to what it has.
    sums = isSame ? { ...now, readAtMs } : now;
  }
}

/** `readAtMs`: when all of the ledger was read; ms, UTC. */
async function readSums({
  ledger,
  policies: all,
  properties,
  overrides,
  clock,
}: RebuildLimitsOptions): Promise<LedgerSums & { readAtMs: number }> {
  const nowMs = clock.now();
  const policies = all.filter((policy) => isInLedger(policy, properties));
  const begins = policies.map((policy) => windowAt(policy, nowMs).fromMs);
  const fromMs = Math.max(0, Math.min(nowMs, ...begins));
  const sums = await sumByLimit(ledger.since(dayOf(fromMs)), policies, nowMs, overrides);
  return { ...sums, readAtMs: clock.now() };
}

interface Raised extends RebuiltLimit {
  isLeft: boolean;
  /** Nothing was done until those that seem to have died are known to be dead or alive. */
  isPutOff: boolean;
}

/**
 * Undefined where the limit counts that much already. What silent processes hold may be what they did not write: it is held, and settled
 * once they are known to be dead.
 */
async function raise(
  deps: RebuildLimitsOptions,
  limitId: string,
  { settledNano, reportedNano, ...sums }: LimitSums,
  readAtMs: number,
  silent: SilentOwners,
): Promise<Raised | undefined> {
  const found = await readState(deps.limits, limitId);
  if (found && found.settledNano >= settledNano && found.reportedNano >= reportedNano) return undefined;
  const figureOf = (state: StateRow | undefined) => toFigure(sums.policy.unit, state ? spentOf(state) : 0n);
  const asItIs = { limitId, before: figureOf(found), after: figureOf(found) };
  // What was reset or corrected is less than its calls cost, and is meant to be.
  if (found && (await changesOf(deps.limits, limitId)).length > 0) return { ...asItIs, isLeft: true, isPutOff: false };
  const raisedNano = settledNano - (await heldBySilent(deps.limits, limitId, silent));
  if (found && found.settledNano >= raisedNano && found.reportedNano >= reportedNano)
    return { ...asItIs, isLeft: false, isPutOff: true };
  let from: StateRow | undefined;
  const state = await changeState(deps, limitId, (now) => {
    from = now;
    const next: StateRow = {
      ...now,
      settledNano: larger(now.settledNano, raisedNano),
      reportedNano: larger(now.reportedNano, reportedNano),
      // Pay-i was asked after it had taken all of that, by an app that had lost count of it.
      ...(now.payiAtMs >= readAtMs && { payiReportedNano: larger(now.payiReportedNano, reportedNano) }),
      // A state that is there knows which of its holds were corrected.
      abandonedNano: found ? now.abandonedNano : sums.abandonedNano,
      ...(now.maxNano === 0n && amountsOf(sums.policy)),
      figuresAtMs: deps.clock.now(),
      ...(raisedNano > now.settledNano && { rebuiltAtMs: readAtMs }),
    };
    moveLevel(next, now.maxNano, spentOf(next), deps.clock.now());
    return { state: next };
  });
  return { limitId, before: figureOf(from), after: figureOf(state), isLeft: false, isPutOff: false };
}

const same = (one: LedgerSums, other: LedgerSums): boolean =>
  one.limits.size === other.limits.size &&
  [...one.limits].every(([limitId, { settledNano, reportedNano }]) => {
    const now = other.limits.get(limitId);
    return now?.settledNano === settledNano && now.reportedNano === reportedNano;
  });
