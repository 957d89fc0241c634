import type { Policy } from '../policy.ts';
import { firstPartOf } from '../scope-keys.ts';
import { type Overrides, overrideEndMs, overrideFigure, overrideId } from './override.ts';

/**
 * A policy with the maximum that it has for the limits with this key: that of an override which has not ended, else its own. The same
 * object for the same policy and maximum. `atMs` (UTC): when the call began.
 */
export function effectivePolicy(policy: Policy, key: string | undefined, overrides: Overrides, atMs: number): Policy {
  if (key === undefined || key === '' || overrides.size === 0) return policy;
  const override = overrides.get(overrideId({ policy: policy.name, key: firstPartOf(key) }));
  if (!override || overrideEndMs(override) <= atMs) return policy;
  const figure = overrideFigure(policy.unit, override);
  return figure === undefined ? policy : withMaximum(policy, figure);
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
