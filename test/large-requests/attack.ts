import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Stack } from '../../infra/local/stack.ts';

/** What came of requests that were sent at once. */
export interface Wave {
  name: string;
  /** Answers by status; `503` only counts those with Retry-After. */
  byStatus: Record<string, number>;
  wallMs: number;
  /** The highest resident memory of the app's process meanwhile, in MB. */
  peakMb: number;
  /** Small calls that were made meanwhile, and the longest that one took. */
  smallCalls: number;
  slowestSmallMs: number;
}

/** Sends all of `uploads` at once and small calls besides them, until each is answered. */
export async function attack(name: string, stack: Stack, key: string, uploads: readonly Upload[]): Promise<Wave> {
  const byStatus: Record<string, number> = {};
  const startedMs = performance.now();
  const over = new AbortController();
  const small = smallCalls(stack.url, key, over.signal);
  const memory = watchMemory(
    stack.host.instances.map(({ pid }) => pid),
    over.signal,
  );
  await Promise.all(
    uploads.map(async (upload) => {
      const answer = await fetch(`${stack.url}/api/analyze`, {
        method: 'POST',
        headers: { 'x-functions-key': key },
        body: formOf(upload),
      });
      await answer.arrayBuffer();
      const status = answer.status === 503 && !answer.headers.has('retry-after') ? '503 alone' : `${answer.status}`;
      byStatus[status] = (byStatus[status] ?? 0) + 1;
    }),
  );
  over.abort();
  const wallMs = Math.round(performance.now() - startedMs);
  return { name, byStatus, wallMs, peakMb: await memory, ...(await small) };
}

/** The photos of one request. */
export type Upload = readonly Buffer[];

function formOf(photos: Upload): FormData {
  const form = new FormData();
  form.append('model', 'claude-haiku-5-5');
  for (const [index, bytes] of photos.entries())
    form.append('images', new Blob([new Uint8Array(bytes)]), `${index}.jpg`);
  return form;
}

async function smallCalls(url: string, key: string, end: AbortSignal) {
  let smallCalls = 0;
  let slowestSmallMs = 0;
  while (!end.aborted) {
    const startedMs = performance.now();
    const answer = await fetch(`${url}/api/limits`, { headers: { 'x-functions-key': key } });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`a small call was answered with ${answer.status}`);
    smallCalls += 1;
    slowestSmallMs = Math.max(slowestSmallMs, Math.round(performance.now() - startedMs));
    await delay(50);
  }
  return { smallCalls, slowestSmallMs };
}

async function watchMemory(pids: readonly number[], end: AbortSignal): Promise<number> {
  let peakMb = 0;
  while (!end.aborted) {
    for (const pid of pids) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      peakMb = Math.max(peakMb, Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024));
    }
    await delay(20);
  }
  return peakMb;
}
