import { describe, expect, test } from 'vitest';
import { readBetas } from '../../shared/model/request/betas.ts';
import { countTokensBody } from '../../shared/model/request/count-tokens.ts';
import { messagesRequest } from '../../shared/model/request/message-rules.ts';
import type { Rule } from '../../shared/model/request/rules.ts';
import { type Declared, readDeclared } from './sdk-types.ts';
import { uncovered } from './uncovered.ts';

const MESSAGES = 'resources/beta/messages/messages.d.mts';
const read = (packageName: string): Declared[] =>
  readDeclared(packageName, MESSAGES, ['MessageCreateParamsBase', 'MessageCountTokensParams']);
const [request, counting] = read('@anthropic-ai/sdk');
const [olderRequest] = read('anthropic-sdk-0');
if (!request || !counting || !olderRequest) throw new Error('The SDK declares no requests.');

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
