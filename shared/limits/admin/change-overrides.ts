import type { LimitService } from '../limit-service.ts';
import { entityTag } from '../policies/changes/entity-tag.ts';
import {
  isRaise,
  type Override,
  type OverrideMaximum,
  overrideEndMs,
  overrideFigure,
} from '../policies/overrides/override.ts';
import type { Policy } from '../policies/policy.ts';
import { PolicyError } from '../policies/policy-book.ts';
import { firstKeyOf, partsOf } from '../policies/scope-keys.ts';
import { type PolicyAuthor, policyNameOf } from './change-policies.ts';
import { requireMatch } from './require-match.ts';
import { LimitError, limitNotFound } from './reset-limit.ts';

export type Overriding = Pick<LimitService, 'policies' | 'clock'>;

/** The policy whose limits are meant, and of whom: a user id, account, model and so on, as the admin writes it. */
export interface OverrideTarget {
  policy: string;
  name: string;
  /** A user id as it is stored, see `storableUserId`. @throws RequestError 400 */
  storableId(userId: string): string;
}

/** An override as admins see it. */
export interface OverrideView extends OverrideMaximum {
  name: string;
  /** True from its end on: it counts no more, and is deleted when another one is set. */
  hasEnded: boolean;
  etag: string;
}

/** The overrides of a policy in order of their names. @throws LimitError 404 */
export async function readOverrides({ policies, clock }: Overriding, policyName: string): Promise<OverrideView[]> {
  await policies.reload();
  const found = [...policies.overrides().values()].filter(({ policy }) => policy === policyName);
  if (found.length === 0 && !policies.find(policyName)) throw limitNotFound(policyName);
  return found.map((one) => viewOfOverride(one, clock.now())).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws LimitError 404 */
export async function readOverride(service: Overriding, target: OverrideTarget): Promise<OverrideView> {
  await service.policies.reload();
  const place = placeOfOverride(service, target);
  const found = [...service.policies.overrides().values()].find(
    ({ policy, key }) => policy === place.policy && key === place.key,
  );
  if (!found) throw overrideNotFound(place);
  return viewOfOverride(found, service.clock.now());
}

/**
 * Sets another maximum for one user, account and so on. What its limits have counted and hold stays.
 * @throws LimitError 404; PolicyError 400; RequestError 412, 428 where there is one already
 */
export async function setOverride(
  service: Overriding,
  target: OverrideTarget,
  { ifMatch }: Pick<PolicyAuthor, 'ifMatch'>,
  maximum: OverrideMaximum,
): Promise<{ before: OverrideView | undefined; after: OverrideView }> {
  const { policies, clock } = service;
  await policies.reload();
  const place = placeOfOverride(service, target);
  const policy = policies.find(place.policy);
  if (!policy) throw limitNotFound(place.policy);
  checkMaximum(policy, maximum, clock.now());
  const after: Override = { ...place, ...maximum };
  let found: Override | undefined;
  await policies.changeOverride(place, (before) => {
    if (before || (ifMatch !== null && ifMatch.trim() !== '*')) requireMatch(ifMatch, tagOfOverride(before));
    found = before;
    return after;
  });
  return { before: found && viewOfOverride(found, clock.now()), after: viewOfOverride(after, clock.now()) };
}

/** @returns what was deleted @throws LimitError 404; RequestError 412, 428 */
export async function deleteOverride(
  service: Overriding,
  target: OverrideTarget,
  { ifMatch }: Pick<PolicyAuthor, 'ifMatch'>,
): Promise<OverrideView> {
  await service.policies.reload();
  const place = placeOfOverride(service, target);
  let found: Override | undefined;
  await service.policies.changeOverride(place, (before) => {
    if (!before) throw overrideNotFound(place);
    requireMatch(ifMatch, tagOfOverride(before));
    found = before;
    return undefined;
  });
  return viewOfOverride(found as Override, service.clock.now());
}

/** @throws LimitError 404 for a name that no policy can have; PolicyError 400 for a policy whose limits have no key */
export function placeOfOverride(
  { policies }: Overriding,
  { policy: id, name: named, storableId }: OverrideTarget,
): Pick<Override, 'policy' | 'key' | 'name'> {
  const policy = policyNameOf(id);
  const raise = [...policies.overrides().values()].find(
    (one) => one.policy === policy && isRaise(one) && one.name === named.trim(),
  );
  if (raise) return { policy, key: raise.key, name: raise.name };
  const scope = policies.find(policy)?.scope;
  if (!scope) throw limitNotFound(policy);
  if (scope === 'global') throw globalPolicy(policy);
  const name = partsOf(scope)[0] === 'user' ? storableId(named) : named.trim();
  return { policy, name, key: firstKeyOf(scope, name) };
}

function checkMaximum({ name, unit }: Policy, maximum: OverrideMaximum, nowMs: number): void {
  const [wanted, other] = unit === 'usd' ? (['maxUsd', 'max'] as const) : (['max', 'maxUsd'] as const);
  if (overrideFigure(unit, maximum) === undefined || maximum[other] !== undefined)
    throw invalid(
      `${name} counts ${unit === 'usd' ? 'USD' : unit}: the maximum must be in ${wanted}, without ${other}.`,
    );
  if (overrideEndMs({ until: maximum.until }) <= nowMs) throw invalid('until must be later than now.');
}

const invalid = (why: string): PolicyError =>
  new PolicyError('invalid_override', `This override can't be set. ${why}`, { status: 400 });

const globalPolicy = (policy: string): PolicyError =>
  new PolicyError(
    'invalid_override',
    `${policy} has one limit for all calls. Change its maximum with PUT /api/limits/${policy}.`,
    { status: 400 },
  );

const overrideNotFound = ({ policy, name }: Pick<Override, 'policy' | 'name'>): LimitError =>
  new LimitError(
    'override_not_found',
    `${policy} has no override for ${name}. GET /api/limits/${policy}/overrides lists those there are.`,
    { status: 404 },
  );

export const tagOfOverride = (override: Override | undefined): string => entityTag(override ?? null);

export function viewOfOverride(override: Override, nowMs: number): OverrideView {
  const { policy: _, key: __, ...view } = override;
  return { ...view, hasEnded: overrideEndMs(override) <= nowMs, etag: tagOfOverride(override) };
}
