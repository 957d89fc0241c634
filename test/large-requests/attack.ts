import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
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
  /** Small calls that were made meanwhile, and the longest that one took. */
  smallCalls: number;
  slowestSmallMs: number;
  /** The longest turn of the app's event loop meanwhile. */
  turn: LongestTurn;
  /** The longest turn of the loop of this process, through which all of it passes, in ms by the clock. */
  frontTurnMs: number;
}

/** The photos of one request. */
export type Upload = readonly Uint8Array[];

/** Sends all of `uploads` at once from another process, and small calls meanwhile from this one, until each is answered. */
export async function attack(name: string, stack: Stack, key: string, uploads: readonly Upload[]): Promise<Wave> {
  await longestTurn(stack.url);
  const front = monitorEventLoopDelay({ resolution: 5 });
  front.enable();
  const startedMs = performance.now();
  const over = new AbortController();
  const small = smallCalls(stack.url, key, over.signal);
  const memory = watchMemory(
    stack.host.instances.map(({ pid }) => pid),
    over.signal,
  );
  const byStatus = await sendUploads({ url: `${stack.url}/api/analyze`, key, uploads });
  over.abort();
  const wallMs = Math.round(performance.now() - startedMs);
  return {
    name,
    byStatus,
    wallMs,
    peakMb: await memory,
    ...(await small),
    turn: await longestTurn(stack.url),
    frontTurnMs: Math.round(front.max / 1e6),
  };
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
