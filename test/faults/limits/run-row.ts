import { setTimeout as delay } from 'node:timers/promises';
import type { LimitService } from '../../../shared/limits/limit-service.ts';
import { type Policy, policySchema } from '../../../shared/limits/policies/policy.ts';
import { fromFigure, toFigure } from '../../../shared/limits/policies/units.ts';
import { readState } from '../../../shared/limits/state/change-state.ts';
import { spentOf } from '../../../shared/limits/state/limit-math.ts';
import { type AllocationRow, allocationKey } from '../../../shared/limits/state/limit-rows.ts';
import type { TableProxy } from '../table-proxy.ts';
import { AgingClock } from './aging-clock.ts';
import { Approver } from './approver.ts';
import { boundedCall, callsOf, cheaperCall, searchCall } from './calls.ts';
import { GatePool } from './gate-pool.ts';
import { Ledger } from './ledger.ts';
import { openLimits } from './open-limits.ts';
import type { LimitScenario } from './rows.ts';

export interface LimitRowResult extends LimitScenario {
  /** Figures in the unit: USD, or pieces. */
  max: number;
  /** What the model was paid. */
  settled: number;
  /** settled − max: at most 0 with sound bounds, at most `stated` with learned ones. */
  overshoot: number;
  /** Σ max(0, actual − held) over the calls in flight since the budget of the last one was set aside, those of dead processes too: 0 with sound bounds. */
  stated: number;
  refused: number;
  /** Calls that were made in a cheaper form. */
  fellBack: number;
  /** Calls that an admin approved. */
  approved: number;
  /** Refused calls that would have fitted with what was settled, held and counted here, from their question to their refusal. */
  refusedWithRoom: number;
  /** The part of them for which the room lay in the slice of a process that died: it counts as spent until corrected. */
  refusedForLostRoom: number;
  /** Refused calls that would have fitted one at a time: all that wait for the same room count. */
  refusedBesideRoom: number;
  /** Calls that got 503, since the tables gave no answer in time. */
  unreadable: number;
  kills: number;
  /** Events of calls in flight whose process died. */
  abandonedEvents: number;
  /** What the tables say is spent when all is over, that is after the dead were found. */
  counted: number;
  /** The part of it that dead processes held. */
  abandoned: number;
  /** What is wrong in words; empty when nothing is. */
  broken: string[];
}

export interface LimitRunOptions {
  tables: TableProxy;
  /** Of the table names; another one for each row. */
  prefix: string;
  /** How many processes die in a row with kills. */
  kills: number;
  random: () => number;
  signal: AbortSignal;
}

const maxima = { usd: 5, tokens: 200_000, requests: 400 } as const;
type CountedUnit = keyof typeof maxima;
const THROTTLED_SHARE = 0.3;
/** The limit is full when so many calls in a row were refused that were asked while none was in flight. */
const REFUSALS_WHEN_FULL = 10;
/** A refused caller comes back after this. */
const COME_BACK_MS = 50;
/** A lease and the difference of clocks (70 s), in steps of less than what a lease has left when it is renewed (40 s). */
const leaseStepsMs = [30_000, 30_000, 15_000];
/** Time for two looks of the processes at their leases. */
const RENEWAL_MS = 1_500;
const limitIdOf = (unit: CountedUnit): string => (unit === 'usd' ? 'budget:always' : `budget:always.${unit}`);

/** One row of the matrix: many callers use up one limit while one fault stands, until it has no room any more. */
export async function runLimitRow(scenario: LimitScenario, options: LimitRunOptions): Promise<LimitRowResult> {
  const { tables, prefix, random } = options;
  const connection = tables.connectionString;
  const { unit, type } = scenario;
  const limitId = limitIdOf(unit);
  const policy = policyOf(scenario.bound, unit, type);
  const ledger = new Ledger(fromFigure(unit, maxima[unit]));
  const clock = new AgingClock();
  const abandonedEvents = new Set<string>();
  const published = ({ eventId }: { eventId: string }) => void abandonedEvents.add(eventId);
  // Another process, which makes no calls, looks for the dead.
  const keeper = openLimits({ connection, prefix, policies: [policy], clock, published });
  const killer = new Killer(scenario.fault.startsWith('kill') ? options.kills : 0, random, async (place) => {
    await pool.kill(place % scenario.processes);
    await pool.age(leaseStepsMs, RENEWAL_MS);
    await persist(() => keeper.expire());
  });
  const sliceOf = (ownerId: string) =>
    persist(async () => {
      const { partitionKey, rowKey } = allocationKey(limitId, ownerId);
      return (await keeper.limits.get(partitionKey, rowKey)) as AllocationRow | undefined;
    });
  const onModelCall = () => killer.tick();
  const { processes } = scenario;
  const pool = new GatePool({ connection, prefix, policy, processes, clock, ledger, sliceOf, onModelCall });
  const approver = new Approver(keeper, pool, ledger);
  try {
    await pool.ready();
    if (scenario.fault.endsWith('tables-throttled')) tables.fault = { kind: 'throttle', share: THROTTLED_SHARE };
    await useUp(scenario, pool, ledger, killer, approver, options);
    tables.fault = undefined;
    await pool.close();
    return await judge(scenario, ledger, keeper, {
      kills: killer.killed,
      abandonedEvents: abandonedEvents.size,
      approved: approver.granted,
    });
  } finally {
    tables.fault = undefined;
    await pool.end();
    await keeper.close();
  }
}

/** Callers call until there is no room, and again after the dead were found. */
async function useUp(
  { bound, unit, type, concurrency, processes }: LimitScenario,
  pool: GatePool,
  ledger: Ledger,
  killer: Killer,
  approver: Approver,
  { random, signal }: LimitRunOptions,
): Promise<void> {
  const bounded = type === 'fall_back' ? cheaperCall : boundedCall;
  const next = unit === 'usd' ? (bound === 'sound' ? bounded : searchCall) : callsOf[unit];
  for (let killed = -1, granted = -1; killed < killer.killed || granted < approver.granted; ) {
    killed = killer.killed;
    granted = approver.granted;
    let inVain = 0;
    const caller = async (place: number) => {
      while (inVain < REFUSALS_WHEN_FULL) {
        signal.throwIfAborted();
        const alone = ledger.inFlight === 0;
        const how = await pool.call(place, next(random));
        if (how === 'settled') inVain = 0;
        if (how === 'refused' && alone && ledger.inFlight === 0) inVain += 1;
        if (how === 'refused' || how === 'unreadable') await delay(COME_BACK_MS);
      }
    };
    const calling = Promise.all(Array.from({ length: concurrency }, (_, turn) => caller(turn % processes)));
    if (type === 'ask') await approver.lookUntil(calling);
    await calling;
    await killer.done;
    if (type === 'ask') await approver.look();
  }
}

/** Compares what was really spent with the limit and with what the tables say. */
async function judge(
  scenario: LimitScenario,
  ledger: Ledger,
  keeper: LimitService,
  counts: Pick<LimitRowResult, 'kills' | 'abandonedEvents' | 'approved'>,
): Promise<LimitRowResult> {
  const figure = (amount: bigint) => toFigure(scenario.unit, amount);
  const state = await persist(async () => readState(keeper.limits, limitIdOf(scenario.unit)));
  const counted = state ? spentOf(state) : 0n;
  const { heldNano: held, abandonedNano: abandoned } = state ?? { heldNano: 0n, abandonedNano: 0n };
  // A call whose process died stays in flight: nobody ever learns what it cost beyond its hold.
  const stated = scenario.bound === 'sound' ? 0n : ledger.missedInFlight + ledger.missedByDead;
  const overshoot = ledger.spent - ledger.maxNano;
  // What had no room before it was raised may have it by the maximum at the end.
  const withRoom = scenario.type === 'ask' ? { together: 0, forLost: 0, each: 0 } : ledger.refusedWithRoom();
  const broken: string[] = [];
  if (overshoot > stated) broken.push(`spent ${figure(overshoot - stated)} ${scenario.unit} more than stated`);
  if (counted + ledger.missedByDead < ledger.spent) broken.push('the tables count less than was spent');
  if (counts.kills === 0 && counted !== ledger.spent) broken.push('the tables count something else than was spent');
  if (scenario.bound === 'sound' && counted > ledger.maxNano) broken.push('the tables count more than the limit');
  // The budget of dead processes may be all that was left.
  if (scenario.type === 'fall_back' && counts.kills === 0 && ledger.fellBack === 0) broken.push('no call fell back');
  if (scenario.type === 'ask' && counts.approved === 0) broken.push('no call was approved');
  if (held !== 0n) broken.push(`${figure(held)} ${scenario.unit} are held by nobody`);
  return {
    ...scenario,
    max: figure(ledger.maxNano),
    settled: figure(ledger.spent),
    overshoot: figure(overshoot),
    stated: figure(stated),
    refused: ledger.refused,
    fellBack: ledger.fellBack,
    refusedWithRoom: withRoom.together,
    refusedForLostRoom: withRoom.forLost,
    refusedBesideRoom: withRoom.each,
    unreadable: ledger.unreadable,
    ...counts,
    counted: figure(counted),
    abandoned: figure(abandoned),
    broken,
  };
}

const policyOf = (bound: Policy['bound'], unit: CountedUnit, type: Policy['type']): Policy =>
  policySchema.parse({
    name: 'budget',
    scope: 'global',
    window: 'none',
    unit,
    ...(unit === 'usd' ? { maxUsd: maxima.usd } : { max: maxima[unit] }),
    type,
    bound,
  });

/** Lets processes die at random moments, one after the other, while calls go on. */
class Killer {
  readonly #kill: (place: number) => Promise<void>;
  readonly #random: () => number;
  #left: number;
  #calls = 0;
  #nextAt: number;
  killed = 0;
  /** Resolves when the last one that died is replaced and found. */
  done: Promise<void> = Promise.resolve();

  constructor(kills: number, random: () => number, kill: (place: number) => Promise<void>) {
    this.#left = kills;
    this.#random = random;
    this.#kill = kill;
    this.#nextAt = this.#someCalls();
  }

  /** One more call. */
  tick(): void {
    this.#calls += 1;
    if (this.#left === 0 || this.#calls < this.#nextAt) return;
    this.#left -= 1;
    this.#nextAt = this.#calls + this.#someCalls();
    this.killed += 1;
    const place = Math.floor(this.#random() * 1_000);
    this.done = this.done.then(() => delay(10 * this.#random())).then(() => this.#kill(place));
    // Whoever waits for the end gets the error.
    this.done.catch(() => undefined);
  }

  #someCalls(): number {
    return 1 + Math.floor(100 * this.#random());
  }
}

/** Repeats what throttled tables refuse. */
async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 10) throw error;
      await delay(100);
    }
  }
}
