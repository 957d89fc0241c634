import type { Policy } from '../policy.ts';
import { entityTag } from './entity-tag.ts';
import type { PolicyStep } from './policy-trail.ts';

/** What has to be done to policies so that they become others: those that are the same are left out. */
export function stepsBetween(before: readonly Policy[], after: readonly Policy[]): PolicyStep[] {
  const known = new Map(before.map((policy) => [policy.name, policy]));
  const wanted = new Map(after.map((policy) => [policy.name, policy]));
  return [...new Set([...known.keys(), ...wanted.keys()])].flatMap((name): PolicyStep[] => {
    const step = { name, before: known.get(name), after: wanted.get(name) };
    return entityTag(step.before ?? null) === entityTag(step.after ?? null) ? [] : [step];
  });
}
