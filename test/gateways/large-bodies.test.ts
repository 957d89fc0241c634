import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { GATEWAY_KEY } from './serve.ts';

let door: AnthropicGateway;
beforeAll(async () => {
  door = await startAnthropicGateway();
});
beforeEach(() => door.reset());
afterAll(() => door.close());

const post = (path: string, content: string) =>
  fetch(door.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': GATEWAY_KEY },
    body: JSON.stringify({
      model: 'claude-haiku-5-5',
      max_tokens: 10,
      messages: [{ role: 'user', content }],
    }),
  });

test.each(['/anthropic/v1/messages', '/anthropic/v1/messages/count_tokens'])(
  '%s: more than the 32 MB that the provider takes is 413',
  async (path) => {
    const answer = await post(path, 'x'.repeat(33_600_000));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'request_too_large' } });
    expect(door.model.calls()).toEqual([]);
  },
);
