import { request as send } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../support/recording.ts';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { billDifferences } from './bill.ts';
import { type OpenAiGateway, startOpenAiGateway } from './openai-gateway.ts';
import { GATEWAY_KEY } from './serve.ts';

let anthropic: AnthropicGateway;
let openai: OpenAiGateway;
beforeAll(async () => {
  [anthropic, openai] = await Promise.all([startAnthropicGateway(), startOpenAiGateway()]);
});
afterAll(() => Promise.all([anthropic.close(), openai.close()]));
beforeEach(() => {
  anthropic.reset();
  openai.reset();
});

const messages = [{ role: 'user', content: 'Which trails near Moab are dry, and what do I need for them?' }];
const headers = { 'content-type': 'application/json', authorization: `Bearer ${GATEWAY_KEY}` };

/** Reads an answer until it has so many bytes, then leaves. @returns what it read @param pauseMs before each chunk */
function readUntil(url: string, body: object, bytes: number, pauseMs = 0): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = send(url, { method: 'POST', headers, agent: false });
    request.on('error', reject);
    request.end(JSON.stringify(body));
    request.on('response', async (response) => {
      let read = '';
      const leave = () => {
        request.removeAllListeners('error').on('error', () => undefined);
        request.destroy();
        resolve(read);
      };
      if (bytes === 0) return leave();
      response.on('error', () => undefined);
      for await (const chunk of response) {
        if (pauseMs > 0) await delay(pauseMs);
        read += chunk;
        if (read.length >= bytes) return leave();
      }
      resolve(read);
    });
  });
}

const cut = fc.record({ bytes: fc.nat(6_000), eventDelayMs: fc.constantFrom(0, 1, 2) });

test('a client of the Anthropic gateway that leaves at any byte: its event is what the stand-in bills', async () => {
  const url = `${anthropic.url}/anthropic/v1/messages`;
  const body = { model: 'claude-sonnet-5-5', max_tokens: 2_000, stream: true, messages };
  await fc.assert(
    fc.asyncProperty(cut, async ({ bytes, eventDelayMs }) => {
      anthropic.reset();
      anthropic.model.script({ eventDelayMs });
      await readUntil(url, body, bytes);
      await until(() => anthropic.record.events.length > 0 && anthropic.model.calls().length > 0);
      const [event] = anthropic.record.events;
      const [call] = anthropic.model.calls();
      expect(anthropic.record.settlements).toHaveLength(1);
      // Of an answer whose first event was not read its id is unknown.
      if (event?.providerResponseId === call?.responseId)
        expect(billDifferences(anthropic.model.calls(), anthropic.record.events)).toEqual([]);
      else expect(event?.units['text']?.input).toBeGreaterThanOrEqual(call?.begun?.input ?? 0);
    }),
    { numRuns: 40, seed: 20_261_128 },
  );
});

test('so with a client of the OpenAI gateway: no less than its prompt and what it read', async () => {
  const url = `${openai.url}/openai/v1/chat/completions`;
  const body = { model: 'gpt-4.1', max_completion_tokens: 1_000, stream: true, messages };
  await fc.assert(
    fc.asyncProperty(cut, async ({ bytes, eventDelayMs }) => {
      openai.reset();
      openai.model.script({ eventDelayMs });
      const read = await readUntil(url, body, bytes);
      await until(() => openai.record.events.length > 0 && openai.model.calls().length > 0);
      const said = [...read.matchAll(/"content":"([^"]*)"/g)].map(([, text]) => text).join('');
      const [event] = openai.record.events;
      const usage = openai.model.calls().at(-1)?.usage ?? {};
      const { input = 0, output = 0 } = event?.units['text'] ?? {};
      expect(input).toBeGreaterThanOrEqual(Number(usage['prompt_tokens']));
      expect(output).toBeGreaterThanOrEqual(said.length / 4);
      if (event?.unitsEstimated === false) expect(output).toBe(usage['completion_tokens']);
      else expect(output).toBeLessThanOrEqual(Number(usage['completion_tokens']) * 2 + 200);
      expect(openai.record.settlements).toHaveLength(1);
    }),
    { numRuns: 40, seed: 20_261_128 },
  );
});

test('a slow reader gets every byte, and its call has the whole bill', async () => {
  const body = { model: 'claude-sonnet-5-5', max_tokens: 2_000, stream: true, messages };
  const text = await readUntil(`${anthropic.url}/anthropic/v1/messages`, body, Number.POSITIVE_INFINITY, 15);
  expect(text).toContain('event: message_stop');
  expect(anthropic.record.events).toMatchObject([{ outcome: 'succeeded', unitsEstimated: false }]);
  expect(billDifferences(anthropic.model.calls(), anthropic.record.events)).toEqual([]);
});
