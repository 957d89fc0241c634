import { expect, test } from 'vitest';
import { chatRequest } from '../../shared/model/request/openai/chat-rules.ts';
import { readDeclared } from './sdk-types.ts';
import { uncovered } from './uncovered.ts';

/** Searches have prices of their own; what moderation costs is not in the request. */
const unbounded = ['.moderation', '.web_search_options'];

test('every member of a chat completion that the SDK declares has a rule, or none on purpose', () => {
  const file = 'resources/chat/completions/completions.d.mts';
  const [type] = readDeclared('openai', file, ['ChatCompletionCreateParamsBase']);
  if (!type) throw new Error('The SDK declares no requests.');
  expect([...new Set(uncovered(type, chatRequest, '', new Set()))].sort()).toEqual(unbounded);
});
