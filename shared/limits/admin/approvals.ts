import type { Caller } from '../../identity/caller.ts';
import { RowChangedError } from '../../tables/errors.ts';
import type { Approval, ApprovalState, Asker } from '../approvals/approval.ts';
import type { LimitService } from '../limit-service.ts';
import { entityTag } from '../policies/changes/entity-tag.ts';
import { parseLimitId } from '../policies/limit-id.ts';
import { type Override, overrideEndMs, overrideFigure, raiseKey } from '../policies/overrides/override.ts';
import { type Figures, figuresOf, toFigure } from '../policies/units.ts';
import { readState } from '../state/change-state.ts';
import { amountsOf, larger, roomOf } from '../state/limit-math.ts';
import { newState } from '../state/limit-rows.ts';
import { requireMatch } from './require-match.ts';
import { LimitError, limitNotFound } from './reset-limit.ts';

type Deciding = Pick<LimitService, 'approvals' | 'policies' | 'limits' | 'clock' | 'writeDown'>;

/** An approval as its caller sees it. Times are ISO 8601, UTC. */
export type OwnApproval = {
  id: string;
  policy: string;
  limitId: string;
  state: ApprovalState;
  askedAt: string;
  /** Until then it can be decided, and raises the limit. */
  until: string;
  decidedAt: string | null;
} & Figures<'amount'>;

/** An approval as admins see it. `max`: the maximum that the limit has by it. */
export type ApprovalView = Omit<OwnApproval, 'unit'> & {
  whose: Asker;
  decidedBy: string | null;
  etag: string;
} & Figures<'amount', 'max'>;

/** @throws TableError */
export async function readApprovals({ approvals }: Deciding, onlyPending: boolean): Promise<ApprovalView[]> {
  return (await approvals.list(onlyPending)).map(viewOfApproval);
}

/** @throws LimitError 404, for an approval of another user too; TableError */
export async function readOwnApproval(
  { approvals }: Deciding,
  id: string,
  { role, userId }: Pick<Caller, 'role' | 'userId'>,
): Promise<OwnApproval> {
  const found = await approvals.find(id);
  if (!found || (role !== 'admin' && found.approval.userId !== userId)) throw approvalNotFound(id);
  return ownView(found.approval);
}

/**
 * Approves or denies what a caller asks for. An approved limit has room for the call until the approval ends, once: what calls spend of
 * it is spent. Approving again does what is left of it.
 * @throws LimitError 404, 409 when it was decided or has ended; RequestError 412, 428; PolicyError 400
 */
export async function decideApproval(
  service: Deciding,
  id: string,
  { who, ifMatch }: { who: string; ifMatch: string | null },
  decision: 'approve' | 'deny',
): Promise<{ before: ApprovalView; after: ApprovalView }> {
  const { approvals, clock } = service;
  const found = await approvals.find(id);
  if (!found) throw approvalNotFound(id);
  const before = viewOfApproval(found.approval);
  requireMatch(ifMatch, before.etag);
  const { state, isApplied, untilMs } = found.approval;
  const isLeft = decision === 'approve' && state === 'approved' && !isApplied && clock.now() < untilMs;
  if (state !== 'pending' && !isLeft) throw alreadyDecided(id, state);
  const decided = { decidedAt: new Date(clock.now()), decidedBy: who };
  try {
    if (decision === 'deny') return { before, after: await changed({ ...decided, state: 'denied' }) };
    const maxNano = found.approval.maxNano ?? (await raisedMaximum(service, found.approval));
    const row = isLeft ? found.row : await approvals.change(found.row, { ...decided, state: 'approved', maxNano });
    await raise(service, { ...found.approval, maxNano });
    found.row = row;
    return { before, after: await changed({ isApplied: true }) };
  } catch (error) {
    if (error instanceof RowChangedError) throw alreadyDecided(id, 'decided by another admin');
    throw error;
  }

  async function changed(change: Parameters<typeof approvals.change>[1]): Promise<ApprovalView> {
    await approvals.change((found as NonNullable<typeof found>).row, change);
    const after = await approvals.find(id);
    if (!after) throw approvalNotFound(id);
    return viewOfApproval(after.approval);
  }
}

/** The maximum with which the limit has room for the call, by the figures of now. */
async function raisedMaximum(
  { policies, limits, writeDown }: Deciding,
  { limitId, policy: name, amountNano }: Approval,
): Promise<bigint> {
  await policies.reload();
  const policy = policies.find(name);
  if (!policy) throw limitNotFound(name);
  await writeDown((each) => each === limitId);
  const { maxNano } = amountsOf(policies.forLimit(policy, limitId));
  const { spentNano, heldNano } = roomOf((await readState(limits, limitId)) ?? newState(limitId), maxNano);
  return larger(maxNano, spentNano + heldNano) + amountNano;
}

/** Doing it twice is once. Another approval of the limit may have raised it further. */
async function raise(
  { policies, clock }: Deciding,
  { limitId, policy, unit, maxNano = 0n, untilMs, ...approval }: Approval,
): Promise<void> {
  const key = raiseKey(parseLimitId(limitId)?.key ?? '');
  const figure = toFigure(unit, maxNano);
  await policies.changeOverride({ policy, key }, (before): Override => {
    const isRunning = before !== undefined && clock.now() < overrideEndMs(before);
    const most = Math.max(figure, (isRunning && overrideFigure(unit, before)) || 0);
    const endMs = Math.max(untilMs, isRunning ? overrideEndMs(before) : 0);
    return {
      policy,
      key,
      name: `approved: ${approval.userId ?? approval.accountName ?? approval.useCaseName}`,
      ...(unit === 'usd' ? { maxUsd: most } : { max: most }),
      until: new Date(endMs).toISOString(),
    };
  });
}

function ownView({ id, policy, limitId, unit, state, askedMs, untilMs, decidedMs, amountNano }: Approval): OwnApproval {
  return {
    id,
    policy,
    limitId,
    state,
    askedAt: new Date(askedMs).toISOString(),
    until: new Date(untilMs).toISOString(),
    decidedAt: decidedMs === undefined ? null : new Date(decidedMs).toISOString(),
    ...figuresOf(unit, { amount: amountNano }),
  };
}

function viewOfApproval(approval: Approval): ApprovalView {
  const { unit, amountNano, maxNano = null, useCaseName, userId, accountName, keyName } = approval;
  const whose = {
    useCaseName,
    ...(userId !== undefined && { userId }),
    ...(accountName !== undefined && { accountName }),
    ...(keyName !== undefined && { keyName }),
  };
  const figures = figuresOf<'amount', 'max'>(unit, { amount: amountNano }, { max: maxNano });
  const view = { ...ownView(approval), ...figures, whose, decidedBy: approval.decidedBy ?? null };
  return { ...view, etag: entityTag({ ...view, isApplied: approval.isApplied }) };
}

const approvalNotFound = (id: string): LimitError =>
  new LimitError('approval_not_found', `There is no approval ${id.slice(0, 50)}. It may be older than what is kept.`, {
    status: 404,
  });

const alreadyDecided = (id: string, state: string): LimitError =>
  new LimitError('approval_decided', `The approval ${id} can't be decided: it is ${state}. The caller can ask again.`, {
    status: 409,
  });
