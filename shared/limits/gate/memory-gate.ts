import type { Clock } from '../../util/clock.ts';
import { AppliedLimits } from '../policies/applied-limits.ts';
import { LimitReachedError } from '../policies/errors.ts';
import { type AppliedLimit, limitEndMs } from '../policies/limit-id.ts';
import { isShared, maximumOf, type Policy } from '../policies/policy.ts';
import { amountIn } from '../policies/units.ts';
import { amountsOf, enforces, larger, levelOf, smaller } from '../state/limit-math.ts';
import { amountFor, type CallBound, learns } from './call-bound.ts';
import { closerBound } from './closer-bound.ts';
import type { Gate, Hold, HoldRequest, LimitWarning } from './gate.ts';
import { LearnedBound } from './learned-bounds.ts';
import { refuseUnbounded } from './refuse-unbounded.ts';

/** What calls of this process have spent and hold of one limit, in its unit. */
interface Account {
  spentNano: bigint;
  heldNano: bigint;
}

interface MemoryTake {
  limit: AppliedLimit;
  amount: bigint;
}

/**
 * A gate that counts in the memory of one process: no other process and no restart knows of it. Its limits do not exist at Pay-i.
 * L1 holds within the process. Nothing falls back here: a call without room is refused.
 */
export function createMemoryGate(policies: readonly Policy[], clock: Clock): Gate {
  const applied = new AppliedLimits(() => policies);
  const accounts = new Map<string, Account>();
  const learned = new Map<string, LearnedBound>();
  const learnedKey = (policy: Pick<Policy, 'name'>, kind: string): string => `${policy.name}:${kind}`;
  const bounds = {
    boundOf: (policy: Pick<Policy, 'name' | 'unit'>, kind: string): bigint =>
      (learned.get(learnedKey(policy, kind)) ?? new LearnedBound([], policy.unit)).bound,
  };
  let holds = 0;
  let prunedAtMs = clock.now();

  function accountOf(limitId: string): Account {
    let account = accounts.get(limitId);
    if (!account) {
      account = { spentNano: 0n, heldNano: 0n };
      accounts.set(limitId, account);
    }
    return account;
  }

  /** Limits of periods that have ended and that no call holds. */
  function forgetEnded(): void {
    const nowMs = clock.now();
    if (nowMs - prunedAtMs < PRUNE_EVERY_MS) return;
    prunedAtMs = nowMs;
    for (const [limitId, { heldNano }] of accounts)
      if (heldNano === 0n && (limitEndMs(limitId) ?? nowMs) < nowMs) accounts.delete(limitId);
  }

  const leftOf = ({ limitId, policy }: Pick<AppliedLimit, 'limitId' | 'policy'>): bigint => {
    const { spentNano, heldNano } = accountOf(limitId);
    return maximumOf(policy) - spentNano - heldNano;
  };
  const shortOf = (takes: readonly MemoryTake[]): MemoryTake | undefined =>
    takes.find(({ limit, amount }) => enforces(limit.policy) && amount > leftOf(limit));

  function refusal({ limit, amount }: MemoryTake, request?: HoldRequest): LimitReachedError {
    const left = larger(0n, leftOf(limit));
    const facts = {
      ...limit,
      max: maximumOf(limit.policy),
      spent: accountOf(limit.limitId).spentNano,
      left,
      needed: amount,
    };
    return new LimitReachedError(facts, clock.now(), request?.explain?.(limit.policy.unit, left, undefined));
  }

  function warningOn({ limitId, policy }: Pick<AppliedLimit, 'limitId' | 'policy'>): LimitWarning[] {
    const { maxNano, warnNano } = amountsOf(policy);
    const { spentNano: spent } = accountOf(limitId);
    const facts = { limitId, isShared: isShared(policy), unit: policy.unit, max: maxNano, spent };
    if (policy.type !== 'allow' && policy.shadow && leftOf({ limitId, policy }) < 0n)
      return [{ ...facts, state: 'would_block' }];
    const state = ([undefined, 'exceeded', 'overrun'] as const)[levelOf(spent, { maxNano, warnNano })];
    return state ? [{ ...facts, state }] : [];
  }

  return {
    async hold(request) {
      forgetEnded();
      const limits = applied.of(request);
      const unbounded = refuseUnbounded(request, limits);
      if (unbounded) throw unbounded;
      let bound: CallBound = { most: request.bound, certain: request.serverTools?.certain };
      const takesOf = (): MemoryTake[] =>
        limits.map((limit) => ({ limit, amount: amountFor(limit.policy, request, bound, bounds) }));
      let takes = takesOf();
      if (shortOf(takes)) {
        bound = (await closerBound(request, bound)) ?? bound;
        takes = takesOf();
      }
      const short = shortOf(takes);
      if (short) throw refusal(short, request);
      for (const { limit, amount } of takes) accountOf(limit.limitId).heldNano += amount;
      return heldCall(request, bound, takes);
    },
  };

  function heldCall({ serverTools }: HoldRequest, bound: CallBound, takes: MemoryTake[]): Hold {
    let isSettled = false;
    const inUsd = takes.filter(({ limit }) => limit.policy.unit === 'usd');
    const heldNow = (): bigint => inUsd.reduce((most, { amount }) => larger(most, amount), 0n);
    return {
      id: `memory-${++holds}`,
      limitIds: [],
      get heldNanoUsd() {
        return heldNow();
      },
      warnings: takes.flatMap(({ limit }) => warningOn(limit)),
      async cover(tools) {
        const { most, certain } = bound;
        if (isSettled || certain === undefined) return;
        const more = takes.map(({ limit, amount }) => {
          const { unit } = limit.policy;
          const wanted = smaller(amountIn(unit, most), amountIn(unit, certain) + amountIn(unit, tools));
          return { limit, amount: larger(0n, wanted - amount) };
        });
        const short = shortOf(more.filter(({ amount }) => amount > 0n));
        if (short) throw refusal(short);
        for (const [place, take] of takes.entries()) {
          const { amount = 0n } = more[place] ?? {};
          accountOf(take.limit.limitId).heldNano += amount;
          take.amount += amount;
        }
      },
      async settle(use, outcome, tools) {
        if (isSettled) return;
        isSettled = true;
        for (const { limit, amount } of takes) {
          const account = accountOf(limit.limitId);
          account.heldNano -= amount;
          account.spentNano += (use && amountIn(limit.policy.unit, use)) ?? amount;
          if (!serverTools || outcome !== 'succeeded' || tools === undefined || !learns(limit.policy)) continue;
          const key = learnedKey(limit.policy, serverTools.kind);
          const known = learned.get(key) ?? new LearnedBound([], limit.policy.unit);
          known.add(amountIn(limit.policy.unit, tools));
          if (learned.has(key) || learned.size < MAX_LEARNED) learned.set(key, known);
        }
      },
    };
  }
}

const PRUNE_EVERY_MS = 60_000;
const MAX_LEARNED = 2_000;
