import { z } from 'zod';
import type { Caller } from '../../identity/caller.ts';
import type { Limits } from '../../payi/limits.ts';
import { PayiError } from '../../payi/transport/error.ts';
import type { RowKey } from '../../tables/table.ts';
import { toUsd } from '../../util/money.ts';
import type { LimitService } from '../limit-service.ts';
import { spentAtPayi } from '../payi/payi-mirror.ts';
import { expandPolicies, parseLimitId } from '../policies/limit-id.ts';
import { existsAtPayi, type Policy } from '../policies/policy.ts';
import { partsOf, type ScopedCall, type ScopePart, scopeKeys } from '../policies/scope-keys.ts';
import { readState } from '../state/change-state.ts';
import { currentStates } from '../state/current-states.ts';
import { policyOfLimit } from './deleted-policy.ts';
import { type LimitView, viewOf } from './limit-view.ts';
import { LimitError, limitNotFound } from './reset-limit.ts';

export type LimitReading = Pick<LimitService, 'limits' | 'policies' | 'clock' | 'random' | 'payi' | 'writeDown'>;

/** A policy beside its limits: also one that no call has counted against, and one that is off. */
export interface PolicyView
  extends Pick<Policy, 'name' | 'scope' | 'window' | 'type' | 'shadow' | 'enabled' | 'unit' | 'maxUsd' | 'max'> {
  /** How many limits it has in the current period. */
  limits: number;
}

/** All policies, the limits of the current periods that were used, and those without a key of their own even if unused. */
export async function allLimits(reading: LimitReading): Promise<{ limits: LimitView[]; policies: PolicyView[] }> {
  const { limits, policies, clock, writeDown } = reading;
  await writeDown();
  const now = clock.now();
  const all: LimitView[] = [];
  const each: PolicyView[] = [];
  for (const policy of policies.current()) {
    const views = new Map<string, LimitView>();
    for await (const state of currentStates(limits, policy, now)) {
      views.set(state.limitId, viewOf(state.limitId, policies.forLimit(policy, state.limitId), now, state));
    }
    for (const { limitId } of policy.scope === 'global' ? expandPolicies([policy], everyCall(now, policy)) : []) {
      if (!views.has(limitId)) views.set(limitId, viewOf(limitId, policy, now));
    }
    all.push(...views.values());
    const { name, scope, window, type, shadow, enabled, unit, maxUsd, max } = policy;
    each.push({
      name,
      scope,
      window,
      type,
      shadow,
      enabled,
      unit,
      ...(maxUsd !== undefined && { maxUsd }),
      ...(max !== undefined && { max }),
      limits: views.size,
    });
  }
  return { limits: inOrder(all), policies: each };
}

/**
 * Some of the limits that `allLimits` has, in an order of their own. `after`: the `next` of the page before.
 * @returns `next`: null at the end @throws LimitError 400 for an `after` that is not one
 */
export async function pageOfLimits(
  { limits, policies, clock, writeDown }: LimitReading,
  most: number,
  after: string | undefined,
): Promise<{ limits: LimitView[]; next: string | null }> {
  const place = after === undefined ? undefined : readCursor(after);
  await writeDown();
  const now = clock.now();
  const page: LimitView[] = [];
  const current = policies.current();
  const first = place ? current.findIndex(({ name }) => name === place.policy) : 0;
  if (first < 0) return { limits: [], next: null };
  let last: PagePlace | undefined;
  for (const policy of current.slice(first)) {
    const from = policy.name === place?.policy ? place : undefined;
    for await (const state of currentStates(limits, policy, now, false, from)) {
      if (page.length === most) return { limits: page, next: last ? cursorOf(last) : null };
      page.push(viewOf(state.limitId, policies.forLimit(policy, state.limitId), now, state));
      last = { policy: policy.name, partitionKey: state.partitionKey, rowKey: state.rowKey };
    }
  }
  return { limits: page, next: null };
}

interface PagePlace extends RowKey {
  policy: string;
}

const cursorOf = ({ policy, partitionKey, rowKey }: PagePlace): string =>
  Buffer.from(JSON.stringify([policy, partitionKey, rowKey])).toString('base64url');

function readCursor(text: string): PagePlace {
  try {
    const [policy, partitionKey, rowKey] = cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return { policy, partitionKey, rowKey };
  } catch (cause) {
    throw new LimitError('invalid_page', 'after must be the next of the page before.', { status: 400, cause });
  }
}
const cursorSchema = z.tuple([z.string(), z.string().max(500), z.string().max(500)]);

/** True for a limit of the current period without a key of its own: it is listed before any call has counted against it. */
export function isListed({ policies, clock }: Pick<LimitReading, 'policies' | 'clock'>, limitId: string): boolean {
  const policy = policies.find(parseLimitId(limitId)?.policyName ?? '');
  if (policy?.scope !== 'global') return false;
  const now = clock.now();
  return expandPolicies([policy], everyCall(now, policy)).some((limit) => limit.limitId === limitId);
}

/** The limits that a caller's calls count against: those of every use case that was called, and the caller's own. */
export async function limitsOfCaller(
  { limits, policies, clock, writeDown }: LimitReading,
  { userId, accountName, key }: Pick<Caller, 'userId' | 'accountName' | 'key'>,
): Promise<LimitView[]> {
  const now = clock.now();
  const call = {
    occurredAtMs: now,
    userId,
    ...(accountName !== undefined && { accountName }),
    ...(key && { keyName: key.name }),
  };
  const current = policies.current();
  const used = current.filter(({ scope, enabled }) => enabled && isOpen(scope) && scope !== 'property');
  const own = current
    .filter(({ scope }) => !isOpen(scope))
    .flatMap((policy) => expandPolicies([policy], { ...everyCall(now, policy), ...call }, policies.overrides()));
  const shown = new Set([...used.map(({ name }) => name), ...own.map(({ limitId }) => limitId)]);
  await writeDown((limitId) => shown.has(limitId) || shown.has(parseLimitId(limitId)?.policyName ?? ''));
  const views: LimitView[] = [];
  for (const policy of used) {
    const mine = ownPart(policy, { ...everyCall(now, policy), ...call });
    for await (const state of currentStates(limits, policy, now))
      if (mine === undefined || parseLimitId(state.limitId)?.key?.startsWith(`${mine}:`))
        views.push(viewOf(state.limitId, policies.forLimit(policy, state.limitId), now, state));
  }
  for (const { limitId, policy, whose } of own) {
    const view = viewOf(limitId, policy, now, await readState(limits, limitId));
    views.push({ ...view, whose: policy.scope === 'global' ? null : whose });
  }
  return inOrder(views);
}

/** Parts of a scope whose keys a caller does not have, but each of its calls. */
const openParts: readonly ScopePart[] = ['use_case', 'version', 'model', 'property'];
const isOpen = (scope: Policy['scope']): boolean => partsOf(scope).some((part) => openParts.includes(part));

/** How the keys of a caller's limits begin; undefined for scopes that all callers share. */
function ownPart({ scope }: Policy, call: ScopedCall): string | undefined {
  const [first = 'global'] = partsOf(scope);
  if (first !== 'user' && first !== 'account') return undefined;
  return scopeKeys({ scope: first }, call)[0]?.key ?? '';
}

/** Limits that share partitions come in the order of those. */
const inOrder = (views: LimitView[]): LimitView[] => views.sort((a, b) => (a.limitId < b.limitId ? -1 : 1));

/** A limit with Pay-i's own counts of requests by state. */
export type LimitDetails = LimitView & { requests: Record<string, number> };

/** One limit that a call has counted against, or that is listed for this caller. @throws LimitError 404 */
export async function limitDetails(reading: LimitReading, limitId: string, caller: Caller): Promise<LimitDetails> {
  const { limits, policies, payi, clock, writeDown } = reading;
  const isAdmin = caller.role === 'admin';
  const own = isAdmin ? [] : await limitsOfCaller(reading, caller);
  const ownView = own.find((limit) => limit.limitId === limitId);
  const listed = isAdmin ? isListed(reading, limitId) : ownView !== undefined;
  if (listed || isAdmin) await writeDown((id) => id === limitId);
  const state = listed || isAdmin ? await readState(limits, limitId) : undefined;
  if (!listed && !state) throw limitNotFound(limitId);
  const policy = policyOfLimit(policies, limitId, state?.maxNano);
  const stored = viewOf(limitId, policy, clock.now(), state);
  const view = { ...stored, whose: ownView?.whose ?? stored.whose };
  const atPayi = existsAtPayi(policy) ? await fresh(payi, limitId) : undefined;
  if (!atPayi || view.unit !== 'usd')
    return { ...view, requests: JSON.parse(state?.payiRequests ?? '{}') as Record<string, number> };
  return {
    ...view,
    payi: { ...view.payi, spentUsd: toUsd(spentAtPayi(atPayi)) },
    requests: atPayi.totals?.requests ?? {},
  };
}

/** What is kept here answers while Pay-i does not. */
const fresh = (payi: Limits, limitId: string) =>
  payi.get(limitId).catch((error: unknown) => {
    if (!(error instanceof PayiError)) throw error;
    return undefined;
  });

const everyCall = (nowMs: number, policy: Policy): ScopedCall => ({
  useCaseName: policy.useCases?.[0] ?? 'any',
  occurredAtMs: nowMs,
});
