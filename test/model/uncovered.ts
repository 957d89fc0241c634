import type { Rule } from '../../shared/model/request/rules.ts';
import type { Declared } from './sdk-types.ts';

/** Parameters of the SDK's methods that it sends as headers. */
const headers = ['.betas', '.user_profile_id', '.workspace_id'];

/** What the types allow and no rule covers, as paths. Covered rules are collected in `used`. */
export function uncovered(type: Declared, rule: Rule | undefined, path: string, used: Set<string>): string[] {
  if (rule) used.add(path);
  switch (type.kind) {
    case 'scalar':
      return rule ? [] : [path];
    case 'any':
      return rule?.json ? [] : [`${path}: any JSON`];
    case 'union':
      return type.of.flatMap((one) => uncovered(one, rule, path, used));
    case 'list':
      return rule?.json ? [] : uncovered(type.of, rule?.items, `${path}[]`, used);
    case 'map':
      return rule?.json ? [] : uncovered(type.of, rule?.values, `${path}.*`, used);
    case 'object':
      return rule?.json ? [] : uncoveredMembers(type, rule, path, used);
  }
}

function uncoveredMembers(
  { members }: Extract<Declared, { kind: 'object' }>,
  rule: Rule | undefined,
  path: string,
  used: Set<string>,
): string[] {
  return typesOf(members['type']?.type).flatMap((name) => {
    const own = rule?.types ? rule.types[name] : rule;
    const at = rule?.types ? `${path}<${name}>` : path;
    if (!own) return [at];
    used.add(at);
    return Object.entries(members).flatMap(([member, { type }]) => {
      const path = `${at}.${member}`;
      return headers.includes(path) ? [] : uncovered(type, own.members?.[member], path, used);
    });
  });
}

/** The names that the member `type` may have; `''` where it may be absent. */
function typesOf(type: Declared | undefined): string[] {
  if (!type) return [''];
  if (type.kind === 'scalar') return type.values.map((value) => String(value ?? ''));
  return type.kind === 'union' ? [...new Set(type.of.flatMap(typesOf))] : [];
}
