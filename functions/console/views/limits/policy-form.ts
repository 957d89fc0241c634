import type { RequestTo } from '../../data/routes.ts';
import type { Policy } from './load.ts';

export type NewPolicy = RequestTo<'POST /api/limits'>['body'];
export type PolicyUpdate = RequestTo<'PUT /api/limits/{id}'>['body'];

/** What the form has when a policy is created. */
export const emptyPolicy: Policy = {
  name: '',
  scope: 'global',
  window: 'day',
  maxUsd: 10,
  type: 'block',
  whenUnreadable: 'closed',
  enabled: true,
  shadow: false,
  bound: 'learned',
};

/** The policy that a form describes. Empty inputs are members that are absent. */
export function policyOf(form: FormData, before: Policy): Policy {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const chosen = <V extends string>(name: string, usual: V): V => (text(name) || usual) as V;
  const threshold = text('threshold');
  const useCases = text('useCases')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const { threshold: _threshold, useCases: _useCases, ...rest } = before;
  return {
    ...rest,
    name: chosen('name', before.name),
    scope: chosen('scope', before.scope),
    window: chosen('window', before.window),
    maxUsd: Number(text('maxUsd')),
    type: chosen('type', before.type),
    whenUnreadable: chosen('whenUnreadable', before.whenUnreadable ?? 'closed'),
    bound: chosen('bound', before.bound ?? 'learned'),
    enabled: form.has('enabled'),
    shadow: form.has('shadow'),
    ...(threshold !== '' && { threshold: Number(threshold) / 100 }),
    ...(useCases.length > 0 && { useCases }),
  };
}

/** Of a changed policy what `PUT /api/limits/{id}` takes: members that differ; null takes one away. */
export function updateOf(before: Policy, after: Policy): PolicyUpdate {
  const update: PolicyUpdate = {};
  if (after.maxUsd !== before.maxUsd) update.maxUsd = after.maxUsd;
  if (after.threshold !== before.threshold) update.threshold = after.threshold ?? null;
  if (after.type !== before.type) update.type = after.type;
  if (String(after.useCases ?? '') !== String(before.useCases ?? '')) update.useCases = after.useCases ?? null;
  if (after.whenUnreadable !== before.whenUnreadable) update.whenUnreadable = after.whenUnreadable;
  if (after.enabled !== before.enabled) update.enabled = after.enabled;
  if (after.shadow !== before.shadow) update.shadow = after.shadow;
  if (after.bound !== before.bound) update.bound = after.bound;
  return update;
}
