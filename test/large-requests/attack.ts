import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Stack } from '../../infra/local/stack.ts';
import type { LongestTurn } from './watched-app/loop-watch.ts';

/** What the process of the uploads sends. */
export interface Load {
  url: string;
  key: string;
  uploads: readonly Upload[];
}

/** What came of requests that were sent at once. */
export interface Wave {
  name: string;
  /** Answers by status; `503` only counts those with Retry-After. */
  byStatus: Record<string, number>;
  wallMs: number;
  /** The highest resident memory of the app's process meanwhile, in MB. */
  peakMb: number;
  /** Small calls that were made meanwhile. */
  smallCalls: number;
  slowest: SmallCall;
  /** The longest turn of the app's event loop meanwhile. */
  turn: LongestTurn;
}

/** How long a small call took, in ms. */
export interface SmallCall {
  wallMs: number;
  /** So long of it the event loop of the app, or of the host's front in this process, was ready and had no processor. */
  withoutProcessorMs: number;
}

/** The photos of one request. */
export type Upload = readonly Uint8Array[];

/** Sends all of `uploads` at once from another process, and small calls meanwhile from this one, until each is answered. */
export async function attack(name: string, stack: Stack, key: string, uploads: readonly Upload[]): Promise<Wave> {
  await longestTurn(stack.url);
  const startedMs = performance.now();
  const over = new AbortController();
  const pids = stack.host.instances.map(({ pid }) => pid);
  const small = smallCalls(stack.url, key, [process.pid, ...pids], over.signal);
  const memory = watchMemory(pids, over.signal);
  const byStatus = await sendUploads({ url: `${stack.url}/api/analyze`, key, uploads });
  over.abort();
  const wallMs = Math.round(performance.now() - startedMs);
  return { name, byStatus, wallMs, peakMb: await memory, ...(await small), turn: await longestTurn(stack.url) };
}

/** Of the event loop of an app that is watched, since it was last asked. */
export async function longestTurn(url: string): Promise<LongestTurn> {
  return (await fetch(`${url}/longest-turn`, { method: 'POST' })).json() as Promise<LongestTurn>;
}

/** The first module of an app that is watched, from the project's folder. */
export const WATCHED_APP = 'test/large-requests/watched-app/index.ts';

async function sendUploads(load: Load): Promise<Record<string, number>> {
  const child = fork(fileURLToPath(new URL('upload-process.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  });
  child.send(load);
  const [byStatus] = await once(child, 'message');
  child.kill();
  return byStatus as Record<string, number>;
}

async function smallCalls(url: string, key: string, pids: readonly number[], end: AbortSignal) {
  let smallCalls = 0;
  let slowest: SmallCall = { wallMs: 0, withoutProcessorMs: 0 };
  while (!end.aborted) {
    const before = pids.map(withoutProcessorMs);
    const startedMs = performance.now();
    const answer = await fetch(`${url}/api/limits`, { headers: { 'x-functions-key': key } });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`a small call was answered with ${answer.status}`);
    smallCalls += 1;
    const wallMs = Math.round(performance.now() - startedMs);
    const waits = pids.map((pid, at) => Math.round(withoutProcessorMs(pid) - (before[at] ?? 0)));
    if (wallMs > slowest.wallMs) slowest = { wallMs, withoutProcessorMs: Math.max(...waits) };
    await delay(50);
  }
  return { smallCalls, slowest };
}

/** Since the main thread of the process began. */
const withoutProcessorMs = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;

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
