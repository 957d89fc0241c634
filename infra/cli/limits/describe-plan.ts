import type { PolicyPlan } from '../../../shared/limits/admin/change-policies.ts';

type Step = PolicyPlan['changes'][number];

/** A plan as lines: `+` created, `-` deleted, `~` changed with each member before and after. */
export function describePlan(changes: readonly Step[]): string[] {
  if (changes.length === 0) return ['The policies are as the file says.'];
  return changes.flatMap(({ name, change, before, after }) => {
    if (change === 'delete') return [`- ${name}`];
    const members = differences(before ?? {}, after ?? {});
    return [`${change === 'create' ? '+' : '~'} ${name}`, ...members.map((member) => `    ${member}`)];
  });
}

function differences(before: object, after: object): string[] {
  const [old, now] = [before as Record<string, unknown>, after as Record<string, unknown>];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((member) => {
    const [from, to] = [shown(old[member]), shown(now[member])];
    if (member === 'name' || from === to) return [];
    return [from === undefined ? `${member}: ${to}` : `${member}: ${from} → ${to ?? 'absent'}`];
  });
}

const shown = (value: unknown): string | undefined => (value === undefined ? undefined : JSON.stringify(value));
