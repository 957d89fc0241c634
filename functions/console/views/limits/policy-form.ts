import type { RequestTo } from '../../data/routes.ts';
import type { Policy } from './load.ts';

export type PolicyUpdate = RequestTo<'PUT /api/limits/{id}'>['body'];

/** What the form has when a policy is created. */
export const emptyPolicy: Policy = {
  name: '',
  scope: 'global',
  window: 'day',
  unit: 'usd',
  maxUsd: 10,
  type: 'block',
  whenUnreadable: 'closed',
  enabled: true,
  shadow: false,
  bound: 'learned',
};

/** Members that have an input of their own; all others are written as JSON. */
const ownInputs: readonly string[] = [...Object.keys(emptyPolicy), 'max', 'threshold', 'useCases'];

/** The members without an input of their own, as the form shows them. */
export function otherMembers(policy: Policy): string {
  const others = Object.entries(policy).filter(([name]) => !ownInputs.includes(name));
  return others.length === 0 ? '' : JSON.stringify(Object.fromEntries(others), undefined, 2);
}

/** Whether a text is what the form takes as other members: nothing, or a JSON object. */
export function areMembers(text: string): boolean {
  if (text.trim() === '') return true;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** The policy that a form describes. Empty inputs are members that are absent; the app checks the rest. */
export function policyOf(form: FormData, before: Policy): Policy {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const chosen = <V extends string>(name: string, usual: V): V => (text(name) || usual) as V;
  const threshold = text('threshold');
  const useCases = text('useCases')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unit = chosen('unit', before.unit ?? 'usd');
  const maximum = Number(text('maximum'));
  return {
    name: chosen('name', before.name),
    scope: chosen('scope', before.scope),
    window: chosen('window', before.window),
    unit,
    ...(unit === 'usd' ? { maxUsd: maximum } : { max: maximum }),
    type: chosen('type', before.type),
    whenUnreadable: chosen('whenUnreadable', before.whenUnreadable ?? 'closed'),
    bound: chosen('bound', before.bound ?? 'learned'),
    enabled: form.has('enabled'),
    shadow: form.has('shadow'),
    ...(threshold !== '' && { threshold: Number(threshold) / 100 }),
    ...(useCases.length > 0 && { useCases }),
    ...(JSON.parse(text('others') || '{}') as object),
  };
}

/** Of a changed policy what `PUT /api/limits/{id}` takes: members that differ; null takes one away. */
export function updateOf(before: Policy, after: Policy): PolicyUpdate {
  const [old, changed] = [before, after] as unknown as Record<string, unknown>[];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries(
    [...names].flatMap((name) =>
      JSON.stringify(old?.[name]) === JSON.stringify(changed?.[name]) ? [] : [[name, changed?.[name] ?? null]],
    ),
  );
}
