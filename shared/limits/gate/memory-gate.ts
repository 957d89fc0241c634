import type { Clock } from '../../util/clock.ts';
import { fromUsd } from '../../util/money.ts';
import { AppliedLimits } from '../policies/applied-limits.ts';
import { LimitReachedError } from '../policies/errors.ts';
import { type AppliedLimit, limitEndMs } from '../policies/limit-id.ts';
import type { Policy } from '../policies/policy.ts';
import { amountsOf, enforces, larger, levelOf, smaller, smallerOf } from '../state/limit-math.ts';
import { amountFor, type CallBound } from './call-bound.ts';
import type { Gate, Hold, HoldRequest, LimitWarning } from './gate.ts';
import { LearnedBound } from './learned-bounds.ts';
import { refuseUnbounded } from './refuse-unbounded.ts';

/** What calls of this process have spent and hold of one limit, in nano-USD. */
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
 * L1 holds within the process.
 */
export function createMemoryGate(policies: readonly Policy[], clock: Clock): Gate {
  const applied = new AppliedLimits(() => policies);
  const accounts = new Map<string, Account>();
  const learned = new Map<string, LearnedBound>();
  const learnedKey = (policyName: string, kind: string): string => `${policyName}:${kind}`;
  const bounds = {
    boundNano: (policyName: string, kind: string): bigint =>
      (learned.get(learnedKey(policyName, kind)) ?? new LearnedBound()).boundNano,
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

  const leftOf = ({ limitId, policy }: AppliedLimit): bigint => {
    const { spentNano, heldNano } = accountOf(limitId);
    return fromUsd(policy.maxUsd) - spentNano - heldNano;
  };
  const shortOf = (takes: readonly MemoryTake[]): MemoryTake | undefined =>
    takes.find(({ limit, amount }) => enforces(limit.policy) && amount > leftOf(limit));

  function refusal({ limit, amount }: MemoryTake, request?: HoldRequest): LimitReachedError {
    const leftNanoUsd = larger(0n, leftOf(limit));
    const facts = {
      ...limit,
      maxNanoUsd: fromUsd(limit.policy.maxUsd),
      spentNanoUsd: accountOf(limit.limitId).spentNano,
      leftNanoUsd,
      neededNanoUsd: amount,
    };
    return new LimitReachedError(facts, clock.now(), request?.explain?.(leftNanoUsd, undefined));
  }

  function warningOn({ limitId, policy }: AppliedLimit): LimitWarning[] {
    const { maxNano, warnNano } = amountsOf(policy);
    const { spentNano: spentNanoUsd } = accountOf(limitId);
    const facts = { limitId, maxNanoUsd: maxNano, spentNanoUsd };
    if (policy.type === 'block' && policy.shadow && leftOf({ limitId, policy }) < 0n)
      return [{ ...facts, state: 'would_block' }];
    const state = ([undefined, 'exceeded', 'overrun'] as const)[levelOf(spentNanoUsd, { maxNano, warnNano })];
    return state ? [{ ...facts, state }] : [];
  }

  async function boundOf(request: HoldRequest, bound: CallBound): Promise<CallBound> {
    const { exactBoundNanoUsd, serverTools } = request;
    return {
      mostNanoUsd: smaller(bound.mostNanoUsd, (await exactBoundNanoUsd?.()) ?? bound.mostNanoUsd),
      certainNanoUsd: smallerOf(bound.certainNanoUsd, await serverTools?.exactCertainNanoUsd?.()),
    };
  }

  return {
    async hold(request) {
      forgetEnded();
      const limits = applied.of(request);
      refuseUnbounded(request, limits);
      let bound: CallBound = {
        mostNanoUsd: request.boundNanoUsd,
        certainNanoUsd: request.serverTools?.certainNanoUsd,
      };
      const takesOf = (): MemoryTake[] =>
        limits.map((limit) => ({ limit, amount: amountFor(limit.policy, request, bound, bounds) }));
      let takes = takesOf();
      if (shortOf(takes)) {
        bound = await boundOf(request, bound);
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
    const heldNow = (): bigint => takes.reduce((most, { amount }) => larger(most, amount), 0n);
    return {
      id: `memory-${++holds}`,
      limitIds: [],
      get heldNanoUsd() {
        return heldNow();
      },
      warnings: takes.flatMap(({ limit }) => warningOn(limit)),
      async cover(toolsNanoUsd) {
        if (isSettled || bound.certainNanoUsd === undefined) return;
        const wanted = smaller(bound.mostNanoUsd, bound.certainNanoUsd + toolsNanoUsd);
        const grown = takes.filter(({ amount }) => amount < wanted);
        const short = shortOf(grown.map((take) => ({ ...take, amount: wanted - take.amount })));
        if (short) throw refusal(short);
        for (const take of grown) {
          accountOf(take.limit.limitId).heldNano += wanted - take.amount;
          take.amount = wanted;
        }
      },
      async settle(actualNanoUsd, outcome, toolsNanoUsd) {
        if (isSettled) return;
        isSettled = true;
        for (const { limit, amount } of takes) {
          const account = accountOf(limit.limitId);
          account.heldNano -= amount;
          account.spentNano += actualNanoUsd ?? amount;
          if (!serverTools || outcome !== 'succeeded' || toolsNanoUsd === undefined) continue;
          const key = learnedKey(limit.policy.name, serverTools.kind);
          const known = learned.get(key) ?? new LearnedBound();
          known.add(toolsNanoUsd);
          if (learned.has(key) || learned.size < MAX_LEARNED) learned.set(key, known);
        }
      },
    };
  }
}

const PRUNE_EVERY_MS = 60_000;
const MAX_LEARNED = 2_000;
