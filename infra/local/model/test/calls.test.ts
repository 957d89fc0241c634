import { expect, it } from 'vitest';
import { standIn, user } from './client.ts';

const at = standIn({ keepCalls: 2 });

it('keeps the latest calls and counts all of them', async () => {
  const before = at.model.answered();
  for (const content of ['first', 'second', 'third'])
    await at.client.messages.create({ model: 'claude-haiku-5-5', max_tokens: 10, messages: user(content) });
  const kept = at.model.calls().map(({ body }) => JSON.stringify(body));
  expect(kept).toHaveLength(2);
  expect(kept[0]).toContain('second');
  expect(kept[1]).toContain('third');
  expect(at.model.answered() - before).toBe(3);
});
