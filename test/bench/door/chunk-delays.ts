import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const CHUNKS = 40;
const BETWEEN_MS = 50;
/** Streams begin one after the other within this time: what it takes to begin a call is not the delay of a chunk. */
const BEGIN_MS = 1_000;
const sentAt = /"at (\d+\.\d+)"/g;

/** A provider with Anthropic's API whose streams say in each chunk when it was sent. */
export async function startTimedProvider(): Promise<{ url: string; close(): Promise<void> }> {
  const event = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
  const message = { id: 'msg_1', model: 'claude-haiku-5-5', usage: { input_tokens: 9, output_tokens: 1 } };
  const server = createServer(async (request, response) => {
    request.resume();
    await once(request, 'end');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(event('message_start', { message }));
    response.write(event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }));
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      await delay(BETWEEN_MS);
      const text = `at ${performance.now().toFixed(3)}`;
      response.write(event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }));
    }
    response.write(event('message_delta', { delta: {}, usage: { output_tokens: CHUNKS } }));
    response.end(event('message_stop', {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** From when the provider sent each chunk until its reader here had it, in ms, with so many streams at once. */
export async function chunkDelays(
  { url, headers }: { url: string; headers: Record<string, string> },
  streams: number,
): Promise<number[]> {
  const body = JSON.stringify({
    model: 'claude-haiku-5-5',
    max_tokens: 400,
    stream: true,
    messages: [{ role: 'user', content: 'Which trail?' }],
  });
  const delays: number[] = [];
  const read = async (place: number) => {
    await delay((place * BEGIN_MS) / streams);
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', ...headers },
      body,
    });
    for await (const chunk of answer.body ?? []) {
      const now = performance.now();
      for (const [, at] of Buffer.from(chunk).toString().matchAll(sentAt)) delays.push(now - Number(at));
    }
  };
  await Promise.all(Array.from({ length: streams }, (_, place) => read(place)));
  if (delays.length !== streams * CHUNKS) throw new Error(`${delays.length} of ${streams * CHUNKS} chunks arrived.`);
  return delays;
}
