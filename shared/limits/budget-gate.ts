import type { Clock } from '../clock.ts';
import { toUsd } from '../money.ts';
import { describeError, type Telemetry } from '../telemetry.ts';
import type { LimitWarning } from '../tracking/context.ts';
import type { Outcome } from '../tracking/usage-event.ts';
import { type BudgetAccount, SliceLostError } from './budget-account.ts';
import type { Gate, Hold, HoldRequest } from './gate.ts';
import { Holder, type HolderOptions } from './holder.ts';
import type { HeldCall } from './holder-rows.ts';
import type { LearnedStore } from './learned-store.ts';
import { LimitReachedError, LimitsUnreadableError } from './limit-errors.ts';
import { type AppliedLimit, expandPolicies } from './limit-id.ts';
import { enforces, larger, smaller } from './limit-math.ts';
import type { Policy } from './policy.ts';

export interface BudgetGateOptions extends HolderOptions {
  /** The policies as they are now; a changed list is another array. */
  policies(): readonly Policy[];
  learned: LearnedStore;
  telemetry: Telemetry;
  /** A block limit refused a call. */
  refused(limit: AppliedLimit): void;
  clock: Clock;
}

/** One limit's part of a hold. Money in nano-USD. */
interface Take {
  limit: AppliedLimit;
  account: BudgetAccount;
  amount: bigint;
}

/** Longest that a call waits for the table, in ms. */
const TABLE_WAIT_MS = 8_000;
const EXPANSIONS_KEPT = 10_000;

/** The gate over budget slices: far from every limit a hold makes no request. */
export class BudgetGate implements Gate {
  readonly #options: BudgetGateOptions;
  #holder: Holder;
  #expanded = new Map<string, AppliedLimit[]>();
  #expandedFor: readonly Policy[] = [];
  #expandedDay = -1;

  constructor(options: BudgetGateOptions) {
    this.#options = options;
    this.#holder = new Holder(options);
  }

  async hold(request: HoldRequest): Promise<Hold> {
    const limits = this.#limitsOf(request);
    const holder = this.#holder;
    try {
      return await this.#hold(holder, request, limits);
    } catch (error) {
      if (!(error instanceof SliceLostError)) throw error;
      this.#startAnew(holder);
      return this.#hold(this.#holder, request, limits);
    }
  }

  /** Writes what is due: costs, unused budget, the list of calls in flight. Call it about twice a second, one at a time. */
  async tick(): Promise<void> {
    const holder = this.#holder;
    try {
      await holder.tick(this.#options.clock.now());
    } catch (error) {
      if (!(error instanceof SliceLostError)) throw error;
      this.#startAnew(holder);
    }
  }

  /** Gives back what no call in flight needs. */
  close(): Promise<void> {
    return this.#holder.close();
  }

  async #hold(holder: Holder, request: HoldRequest, limits: AppliedLimit[]): Promise<Hold> {
    let bound = request.boundNanoUsd;
    let takes = this.#takes(holder, request, limits, bound);
    let refusal = await this.#takeAll(takes);
    if (refusal && request.exactBoundNanoUsd) {
      const exact = await request.exactBoundNanoUsd();
      if (exact < bound) {
        bound = exact;
        takes = this.#takes(holder, request, limits, bound);
        refusal = await this.#takeAll(takes);
      }
    }
    if (refusal) throw this.#refuse(refusal);
    return this.#held(holder, request, takes);
  }

  #limitsOf(request: HoldRequest): AppliedLimit[] {
    const policies = this.#options.policies();
    const day = Math.floor(request.occurredAtMs / 86_400_000);
    if (policies !== this.#expandedFor || day !== this.#expandedDay || this.#expanded.size > EXPANSIONS_KEPT) {
      this.#expanded = new Map();
      this.#expandedFor = policies;
      this.#expandedDay = day;
    }
    const key = `${request.useCaseName}\n${request.userId ?? ''}\n${request.accountName ?? ''}`;
    let limits = this.#expanded.get(key);
    if (!limits) {
      limits = expandPolicies(policies, request);
      this.#expanded.set(key, limits);
    }
    return limits;
  }

  #takes(holder: Holder, request: HoldRequest, limits: AppliedLimit[], bound: bigint): Take[] {
    return limits.map((limit) => {
      const learned =
        request.learnedKey !== undefined && limit.policy.bound === 'learned'
          ? this.#options.learned.boundNano(request.learnedKey)
          : bound;
      return { limit, account: holder.account(limit.limitId, limit.policy), amount: smaller(bound, learned) };
    });
  }

  /** Takes on every limit or on none; the refusal where one had no room. */
  async #takeAll(takes: Take[]): Promise<Refusal | undefined> {
    const short = takes.filter(({ account, amount }) => !account.tryTake(amount));
    const unknown = takes.filter((take) => !take.account.known && !short.includes(take));
    if (short.length === 0 && unknown.length === 0) return undefined;
    const opening = Promise.all(unknown.map((take) => this.#open(take)));
    const results = await Promise.allSettled(short.map((take) => this.#take(take)));
    await opening;
    const failed = results.find((result) => result.status === 'rejected');
    const refusal = results.flatMap((result) =>
      result.status === 'fulfilled' && result.value ? [result.value] : [],
    )[0];
    if (!failed && !refusal) return undefined;
    for (const take of takes) {
      const place = short.indexOf(take);
      const result = place < 0 ? undefined : results[place];
      const taken = result === undefined || (result.status === 'fulfilled' && !result.value);
      if (taken) take.account.release(take.amount);
    }
    if (failed) throw failed.reason;
    return refusal;
  }

  /** Undefined when it took. */
  async #take(take: Take): Promise<Refusal | undefined> {
    const { account, amount, limit } = take;
    const taking = account.take(amount);
    try {
      const result = await this.#inTime(taking);
      return result.ok ? undefined : { take, ...result };
    } catch (error) {
      // Should it come about after all, nobody needs it any more.
      taking.then((late) => late.ok && account.release(amount)).catch(() => undefined);
      if (error instanceof SliceLostError) throw error;
      this.#options.telemetry.count('limits-unreadable', 1, { policy: limit.policy.name });
      if (limit.policy.whenUnreadable === 'closed') throw new LimitsUnreadableError(limit.limitId, error);
      account.force(amount);
      return undefined;
    }
  }

  /** Limits that refuse nothing are read for their warnings only. */
  async #open({ account, limit }: Take): Promise<void> {
    try {
      await this.#inTime(account.open());
    } catch (error) {
      this.#options.telemetry.count('limits-unreadable', 1, { policy: limit.policy.name });
      this.#options.telemetry.warn('limit-not-read', { limitId: limit.limitId, ...describeError(error) });
    }
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    const { clock } = this.#options;
    const stop = new AbortController();
    const tooLate = clock.sleep(TABLE_WAIT_MS, stop.signal).then(() => {
      throw new Error(`The table gave no answer within ${TABLE_WAIT_MS} ms.`);
    });
    tooLate.catch(() => undefined);
    try {
      return await Promise.race([work, tooLate]);
    } finally {
      stop.abort();
    }
  }

  #refuse({ take: { limit, account, amount }, leftNano, spentNano }: Refusal): LimitReachedError {
    const { telemetry, clock, refused } = this.#options;
    telemetry.count('limit-refusals', 1, { policy: limit.policy.name });
    refused(limit);
    return new LimitReachedError(
      {
        ...limit,
        maxNanoUsd: account.maxNano,
        spentNanoUsd: spentNano,
        leftNanoUsd: leftNano,
        neededNanoUsd: amount,
      },
      clock.now(),
    );
  }

  #held(holder: Holder, request: HoldRequest, takes: Take[]): Hold {
    const id = holder.nextHoldId();
    const enforced = takes.filter(({ limit }) => enforces(limit.policy));
    const heldNanoUsd = (enforced.length > 0 ? enforced : takes).reduce((most, take) => larger(most, take.amount), 0n);
    const limitIds = takes.map(({ limit }) => limit.limitId);
    holder.journal.add(id, () => heldCall(id, request, heldNanoUsd, limitIds));
    let settled = false;
    return {
      id,
      limitIds,
      heldNanoUsd,
      warnings: takes.flatMap((take) => this.#warning(take)),
      settle: async (actualNanoUsd, outcome) => {
        if (settled) return;
        settled = true;
        holder.journal.remove(id);
        for (const take of takes) this.#settle(holder, take, actualNanoUsd ?? take.amount);
        if (actualNanoUsd === null) return;
        this.#learn(request, heldNanoUsd, actualNanoUsd, outcome);
        const missed = takes.filter(({ limit, amount }) => actualNanoUsd > amount && enforces(limit.policy));
        if (missed.length > 0 && holder === this.#holder) await this.#write(missed);
      },
    };
  }

  #settle(holder: Holder, { limit, account, amount }: Take, actual: bigint): void {
    if (holder === this.#holder) account.settle(amount, actual);
    // The owner of this hold was taken for dead and the hold counts as spent; only what it missed is to be added.
    else if (actual > amount) this.#holder.account(limit.limitId, limit.policy).settle(0n, actual - amount);
  }

  /**
   * What a call cost beyond its hold is written before its caller goes on: other processes must learn of it while the call
   * still counts as in flight (L1). A write that fails is done again by the next tick.
   */
  async #write(missed: Take[]): Promise<void> {
    const writes = await Promise.allSettled(missed.map(({ account }) => account.sync()));
    for (const write of writes) {
      if (write.status === 'rejected') this.#options.telemetry.warn('miss-not-written', describeError(write.reason));
    }
  }

  #learn(request: HoldRequest, held: bigint, actual: bigint, outcome: Outcome): void {
    const { learned, telemetry } = this.#options;
    const bound = request.learnedKey === undefined ? 'sound' : 'learned';
    if (request.learnedKey !== undefined && outcome === 'succeeded') learned.add(request.learnedKey, actual);
    if (actual > 0n) telemetry.measure('hold-over-actual', Number(held) / Number(actual), { bound });
    if (actual > held) telemetry.measure('hold-missed-usd', toUsd(actual - held), { bound });
  }

  #warning({ limit, account }: Take): LimitWarning[] {
    const facts = { limitId: limit.limitId, maxNanoUsd: account.maxNano, spentNanoUsd: account.spentNano };
    if (limit.policy.type === 'block' && limit.policy.shadow && account.leftNano < 0n) {
      this.#options.telemetry.count('limit-would-block', 1, { policy: limit.policy.name });
      return [{ ...facts, state: 'would_block' }];
    }
    if (facts.spentNanoUsd > facts.maxNanoUsd) return [{ ...facts, state: 'overrun' }];
    return facts.spentNanoUsd >= account.warnNano ? [{ ...facts, state: 'exceeded' }] : [];
  }

  #startAnew(lost: Holder): void {
    if (lost !== this.#holder) return;
    this.#options.telemetry.error('limit-slices-lost', { ownerId: lost.ownerId });
    this.#holder = new Holder(this.#options);
  }
}

interface Refusal {
  take: Take;
  leftNano: bigint;
  spentNano: bigint;
}

function heldCall(holdId: string, request: HoldRequest, held: bigint, limitIds: string[]): HeldCall {
  const { eventId, category, resource, useCaseName, useCaseId, userId, accountName, occurredAtMs } = request;
  return {
    holdId,
    eventId,
    category,
    resource,
    useCaseName,
    useCaseId,
    ...(userId !== undefined && { userId }),
    ...(accountName !== undefined && { accountName }),
    occurredAtMs,
    held: String(held),
    limitIds,
  };
}
