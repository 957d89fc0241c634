import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { startStack } from '../../infra/local/stack.ts';
import { longestTurn, WATCHED_APP } from './attack.ts';
import { largeBodies } from './bodies.ts';
import type { LongestTurn } from './watched-app/loop-watch.ts';

/** Another program on the machine can hold a process up too, so the best of some tries counts. */
const TRIES = 3;
const KEY = 'a-key-for-large-requests';
const CHUNK_BYTES = 65_536;

/** How long one request held the event loop of the app. */
export interface LoopHold extends LongestTurn {
  name: string;
  status: number;
}

/** Sends each of the largest bodies to the app, one after the other, and asks how long its event loop stood still. */
export async function measureLoopHolds(): Promise<LoopHold[]> {
  const provider = await startProvider();
  const near = {
    name: 'near',
    scope: 'global',
    window: 'none',
    maxUsd: 0.5,
    type: 'block',
    models: ['claude-haiku-5-5'],
  };
  const stack = await startStack({
    entry: WATCHED_APP,
    settings: {
      ANTHROPIC_BASE_URL: provider.url,
      OPENAI_BASE_URL: provider.url,
      OPENAI_API_KEY: 'any',
      ACCESS_KEYS: JSON.stringify({ attacker: { key: KEY, role: 'admin' } }),
      REQUEST_MEMORY_MB: '512',
      LIMITS: JSON.stringify([near]),
    },
    log: (line) => process.stderr.write(`${line}\n`),
  });
  const send = async (path: string, body: Uint8Array, type = 'application/json'): Promise<Response> =>
    fetch(stack.url + path, {
      method: 'POST',
      headers: { 'content-type': type, 'x-api-key': KEY, 'x-functions-key': KEY, 'xproxy-api-key': KEY },
      // Without its length: the laptop's host reads other bodies whole, in the process of the app.
      body: ReadableStream.from(chunksOf(body)),
      duplex: 'half',
    } as RequestInit);
  const longest = async (): Promise<LongestTurn> => {
    await delay(300);
    return longestTurn(stack.url);
  };
  try {
    const holds: LoopHold[] = [];
    for (const { name, path, type, draw } of largeBodies) {
      const body = Buffer.from(draw());
      const hold: LoopHold = { name: `${path} ${name}`, status: 0, wallMs: Infinity, cpuMs: Infinity };
      for (let tries = 0; tries < TRIES; tries += 1) {
        await longest();
        const answer = await send(path, body, type);
        await answer.arrayBuffer();
        const turn = await longest();
        hold.status = answer.status;
        hold.wallMs = Math.min(hold.wallMs, turn.wallMs);
        hold.cpuMs = Math.min(hold.cpuMs, turn.cpuMs);
      }
      holds.push(hold);
    }
    return holds;
  } finally {
    await stack.close();
    provider.close();
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

/** A provider that reads nothing of what it gets. */
async function startProvider() {
  let answers = 0;
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      answers += 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          ...{ id: `answer_${answers}`, type: 'message', role: 'assistant', model: 'claude-haiku-5-5', content: [] },
          ...{ input_tokens: 10, usage: { input_tokens: 10, output_tokens: 1 }, processing_status: 'in_progress' },
        }),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
