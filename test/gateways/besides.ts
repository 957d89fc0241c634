const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-5-5', max_tokens: 300 };
const summary = { type: 'compact_20260112', trigger: { type: 'input_tokens', value: 1 } };

/** Members of requests for which the provider asks other models besides, or the same one once more. */
export const besides: readonly Record<string, unknown>[] = [
  {},
  {},
  { fallbacks: [{ model: 'claude-opus-5-5' }, { model: 'claude-haiku-5-5', max_tokens: 100 }] },
  { tools: [advisor] },
  { context_management: { edits: [summary] } },
];
