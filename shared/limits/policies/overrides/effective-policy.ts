import type { Policy } from '../policy.ts';
import { firstKeyOf, firstPartOf } from '../scope-keys.ts';
import { type Overrides, overrideEndMs, overrideFigure, overrideId, raiseKey } from './override.ts';

/**
 * A policy with the maximum that it has for the limits with this key: that of an override which has not ended, else that of its
 * `maxima`, else the one for all; and not less than an approval raised it to. The same object for the same policy and maximum.
 * `atMs` (UTC): when the call began.
 */
export function effectivePolicy(policy: Policy, given: string | undefined, overrides: Overrides, atMs: number): Policy {
  const key = given ?? '';
  if (key === '' && overrides.size === 0) return policy;
  const running = (keyOfIt: string): number | undefined => {
    const override = overrides.get(overrideId({ policy: policy.name, key: keyOfIt }));
    return override !== undefined && atMs < overrideEndMs(override) ? overrideFigure(policy.unit, override) : undefined;
  };
  const first = firstPartOf(key);
  const own = key === '' ? undefined : (running(first) ?? maximaOf(policy).get(first));
  const raised = overrides.size === 0 ? undefined : running(raiseKey(key));
  const usual = own ?? (policy.unit === 'usd' ? policy.maxUsd : policy.max) ?? 0;
  const figure = raised !== undefined && raised > usual ? raised : own;
  return figure === undefined ? policy : withMaximum(policy, figure);
}

const none: ReadonlyMap<string, number> = new Map();
const byKey = new WeakMap<Policy, ReadonlyMap<string, number>>();

/** The `maxima` of a policy by the first part of keys. */
function maximaOf(policy: Policy): ReadonlyMap<string, number> {
  if (!policy.maxima) return none;
  let maxima = byKey.get(policy);
  if (!maxima) {
    maxima = new Map(Object.entries(policy.maxima).map(([name, figure]) => [firstKeyOf(policy.scope, name), figure]));
    byKey.set(policy, maxima);
  }
  return maxima;
}

const made = new WeakMap<Policy, Map<number, Policy>>();

function withMaximum(policy: Policy, figure: number): Policy {
  let ofPolicy = made.get(policy);
  if (!ofPolicy) {
    ofPolicy = new Map();
    made.set(policy, ofPolicy);
  }
  let changed = ofPolicy.get(figure);
  if (!changed) {
    changed = { ...policy, ...(policy.unit === 'usd' ? { maxUsd: figure } : { max: figure }) };
    ofPolicy.set(figure, changed);
  }
  return changed;
}
