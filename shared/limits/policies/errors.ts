import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { describeLimit } from './describe-limit.ts';
import { type BoundExplanation, type BoundPart, describeFits } from './explanation.ts';
import { type AppliedLimit, limitEndMs } from './limit-id.ts';
import { isShared, type Policy } from './policy.ts';
import { describeAmount, figuresOf, type LimitUnit, toFigure } from './units.ts';

/** What a refused caller may know of the limit. Amounts in its unit. */
export interface ReachedLimit {
  limitId: string;
  policy: Policy;
  max: bigint;
  spent: bigint;
  /** What no call has spent or set aside; never below 0. */
  left: bigint;
  needed: bigint;
}

/** A block limit has no room for a call; the model was not called and nothing is held. Figures of limits that others share stay out. */
export class LimitReachedError extends TrailmeterError {
  /** @param approval by which an admin can raise the limit, of one that asks */
  constructor(
    limit: ReachedLimit,
    nowMs: number,
    explanation: BoundExplanation = { parts: [], fits: [] },
    approval?: { id: string; state: string },
  ) {
    const { limitId, policy, max, spent, left, needed } = limit;
    const { unit } = policy;
    const endMs = limitEndMs(limitId);
    const resetsAt = endMs === null ? null : new Date(endMs).toISOString();
    const when = resetsAt === null ? 'It has no window: an admin can reset it.' : `It resets at ${resetsAt}.`;
    const described = describeLimit(policy, max);
    const isOwn = !isShared(policy);
    // How long an answer may be would say what is left.
    const fits = explanation.fits.filter(({ change }) => isOwn || change === 'leave_out');
    const most = `The call may ${unit === 'usd' ? 'cost' : 'take'} up to ${describeAmount(unit, atMost(unit, needed))}`;
    const why = isOwn
      ? `${most}, and ${describeAmount(unit, atLeast(unit, left))} are left.`
      : `${most}, which is more than is left.`;
    const texts = [
      `${capitalized(described)} has no room for this call. ${when} ${why}`,
      // Of a shared limit it would say how large it is.
      ...(isOwn && needed > max ? ['It would not fit into the whole limit either.'] : []),
      ...explanation.parts.slice(0, 1).map((part) => partText(part, unit)),
      ...(fits.length > 0 ? [`It fits ${describeFits(fits)}.`] : []),
      ...(approval ? [approvalText(approval)] : []),
    ];
    super('limit_reached', texts.join(' '), {
      status: 402,
      details: {
        limitId,
        scope: policy.scope,
        ...figuresOf(unit, { needed }),
        ...(isOwn && figuresOf(unit, { max, spent, left })),
        resetsAt,
        parts: explanation.parts.map(({ member, why, amount }) => ({
          member,
          why,
          ...(unit === 'usd' ? { usd: toFigure(unit, amount) } : { amount: toFigure(unit, amount) }),
        })),
        fits,
        ...(approval && {
          approval: {
            ...approval,
            href: `/api/approvals/${approval.id}`,
            console: `/console/limits?approval=${approval.id}`,
          },
        }),
      },
      ...(endMs !== null && { retryAfterSeconds: Math.max(1, Math.ceil((endMs - nowMs) / 1_000)) }),
    });
  }
}

const approvalText = ({ id, state }: { id: string; state: string }): string =>
  state === 'denied'
    ? `An admin has denied the approval ${id} of such a call.`
    : `An admin can approve it: the approval ${id} is pending. Try again once it is approved.`;

const partText = ({ member, why, amount }: BoundPart, unit: LimitUnit): string =>
  `The largest part of it, up to ${describeAmount(unit, atMost(unit, amount))}, is ${member}: ${why}`;

/** USD to 6 decimals, rounded down or up: the text is for people, `details` has the exact figure. */
const atLeast = (unit: LimitUnit, amount: bigint): number =>
  toFigure(unit, unit === 'usd' ? (amount / 1_000n) * 1_000n : amount);
const atMost = (unit: LimitUnit, amount: bigint): number => atLeast(unit, unit === 'usd' ? amount + 999n : amount);

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
