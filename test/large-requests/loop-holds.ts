import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GATEWAY_KEY } from '../gateways/serve.ts';
import { largeBodies } from './bodies.ts';

/** Another program on the machine can hold a process up too, so the best of some tries counts. */
const TRIES = 3;

/** How long one request held the event loop of a gateway. */
export interface LoopHold {
  name: string;
  status: number;
  longestMs: number;
}

/** Sends each of the largest bodies to each gateway, one after the other, and asks how long the event loop stood still. */
export async function measureLoopHolds(): Promise<LoopHold[]> {
  const provider = await startProvider();
  const child = fork(fileURLToPath(new URL('loop-process.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
  try {
    child.send({ provider: provider.url });
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    const longest = async (): Promise<number> => {
      await delay(300);
      child.send({});
      return ((await once(child, 'message')) as [{ longestMs: number }])[0].longestMs;
    };
    const send = async (path: string, body: string | Uint8Array): Promise<number> => {
      const headers = { 'content-type': 'application/json', 'x-api-key': GATEWAY_KEY };
      const answer = await fetch(url + path, { method: 'POST', headers, body });
      await answer.arrayBuffer();
      return answer.status;
    };
    const holds: LoopHold[] = [];
    for (const path of ['/anthropic/v1/messages', '/openai/v1/chat/completions']) {
      await send(path, '{}');
      for (const [name, draw] of Object.entries(largeBodies)) {
        const body = Buffer.from(draw());
        const hold = { name: `${path} ${name}`, status: 0, longestMs: Infinity };
        for (let tries = 0; tries < TRIES; tries += 1) {
          await longest();
          hold.status = await send(path, body);
          hold.longestMs = Math.min(hold.longestMs, await longest());
        }
        holds.push(hold);
      }
    }
    return holds;
  } finally {
    child.kill();
    provider.close();
  }
}

/** A provider that reads nothing of what it gets. */
async function startProvider() {
  const answer = JSON.stringify({
    ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-haiku-5-5', content: [], input_tokens: 10 },
    usage: { input_tokens: 10, output_tokens: 1 },
  });
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
