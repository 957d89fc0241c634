import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { toUsd } from '../../util/money.ts';
import { describeLimit } from './describe-limit.ts';
import { type AppliedLimit, parseLimitId, periodEndMs } from './limit-id.ts';
import type { Policy } from './policy.ts';

/** What a refused caller may know of the limit. Money in nano-USD. */
export interface ReachedLimit {
  limitId: string;
  policy: Policy;
  maxNanoUsd: bigint;
  spentNanoUsd: bigint;
  /** What no call has spent or set aside; never below 0. */
  leftNanoUsd: bigint;
  neededNanoUsd: bigint;
}

/** A block limit has no room for a call; the model was not called and nothing is held. */
export class LimitReachedError extends TrailmeterError {
  constructor(limit: ReachedLimit, nowMs: number) {
    const endMs = periodEndMs(parseLimitId(limit.limitId)?.period ?? 'always');
    const resetsAt = endMs === null ? null : new Date(endMs).toISOString();
    const when = resetsAt === null ? 'It has no window: an admin can reset it.' : `It resets at ${resetsAt}.`;
    const described = describeLimit({ ...limit.policy, maxUsd: toUsd(limit.maxNanoUsd) });
    const why = `The call may cost up to ${shownUsd(limit.neededNanoUsd + 999n)} USD, and ${shownUsd(limit.leftNanoUsd)} USD are left.`;
    super('limit_reached', `${capitalized(described)} has no room for this call. ${when} ${why}`, {
      status: 402,
      details: {
        limitId: limit.limitId,
        scope: limit.policy.scope,
        maxUsd: toUsd(limit.maxNanoUsd),
        spentUsd: toUsd(limit.spentNanoUsd),
        leftUsd: toUsd(limit.leftNanoUsd),
        neededUsd: toUsd(limit.neededNanoUsd),
        resetsAt,
      },
      ...(endMs !== null && { retryAfterSeconds: Math.max(1, Math.ceil((endMs - nowMs) / 1_000)) }),
    });
  }
}

/** Rounded down to 6 decimals: the text is for people, `details` has the exact figure. */
const shownUsd = (nanoUsd: bigint): number => toUsd((nanoUsd / 1_000n) * 1_000n);

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The mirror or the policies can't be read, and a policy says `closed` for that case. `what` begins a sentence. */
export class LimitsUnreadableError extends TrailmeterError {
  constructor(what: string, cause: unknown) {
    super('limits_unreadable', `${what} can't be read, so this call is refused. Try again.`, {
      status: 503,
      retryAfterSeconds: 5,
      cause,
    });
  }
}

/** A block limit cannot say what a request costs at most, since it has a member that no rule covers. `member`: its name. */
export class UnboundedRequestError extends TrailmeterError {
  constructor(member: string, { limitId, policy }: AppliedLimit) {
    super(
      'unbounded_request',
      `The cost of a request with ${member} is not bounded, and ${describeLimit(policy)} refuses such requests. Leave it out.`,
      { status: 400, details: { member, limitId } },
    );
  }
}
