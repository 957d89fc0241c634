import { describe, expect, test } from 'vitest';
import { readBetas } from '../../shared/model/request/betas.ts';
import { countTokensBody } from '../../shared/model/request/count-tokens.ts';
import { messagesRequest } from '../../shared/model/request/message-rules.ts';
import type { Rule } from '../../shared/model/request/rules.ts';
import { type Declared, readDeclared } from './sdk-types.ts';

const messages = 'resources/beta/messages/messages.d.mts';
const read = (packageName: string): Declared[] =>
  readDeclared(packageName, messages, ['MessageCreateParamsBase', 'MessageCountTokensParams']);
const [request, counting] = read('@anthropic-ai/sdk');
const [olderRequest] = read('anthropic-sdk-0');
if (!request || !counting || !olderRequest) throw new Error('The SDK declares no requests.');

/** Parameters of the SDK's methods that it sends as headers. */
const headers = ['.betas', '.user_profile_id', '.workspace_id'];

/** What the types allow and no rule covers, as paths. Covered rules are collected in `used`. */
function uncovered(type: Declared, rule: Rule | undefined, path: string, used: Set<string>): string[] {
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

/** Rules that stand in the tables, as paths. */
function rulesBelow(rule: Rule, path: string): string[] {
  return [
    path,
    ...(rule.items ? rulesBelow(rule.items, `${path}[]`) : []),
    ...(rule.values ? rulesBelow(rule.values, `${path}.*`) : []),
    ...Object.entries(rule.types ?? {}).flatMap(([name, one]) => rulesBelow(one, `${path}<${name}>`)),
    ...Object.entries(rule.members ?? {}).flatMap(([name, one]) => rulesBelow(one, `${path}.${name}`)),
  ];
}

describe('the rules of a Messages request', () => {
  const used = new Set<string>();

  test.each([
    ['1.x', request],
    ['0.x', olderRequest],
  ])('cover every member, block and tool that the SDK %s declares', (_name, type) => {
    expect(uncovered(type, messagesRequest, '', used)).toEqual([]);
  });

  test('and nothing that neither of them declares', () => {
    expect(rulesBelow(messagesRequest, '').filter((path) => !used.has(path))).toEqual([]);
  });

  test('cover every beta that the SDK declares', () => {
    const [betas] = readDeclared('@anthropic-ai/sdk', 'resources/beta/beta.d.mts', ['AnthropicBeta']);
    const names = betas?.kind === 'union' ? betas.of.flatMap((one) => (one.kind === 'scalar' ? one.values : [])) : [];
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name) => readBetas(String(name)).unknown)).toEqual([]);
    expect(readBetas('prompt-caching-2024-07-31, brand-new-2027-01-01').unknown).toBe('brand-new-2027-01-01');
  });
});

test('everything that counting takes is counted', () => {
  const names = counting.kind === 'object' ? Object.keys(counting.members) : [];
  const body = JSON.parse(countTokensBody(Object.fromEntries(names.map((name) => [name, 1]))));
  const left = names.filter((name) => !(name in body));
  expect(left.sort()).toEqual(['betas', 'billing_policy', 'user_profile_id', 'workspace_id']);
});
