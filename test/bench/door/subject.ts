import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../../../infra/cli/build.ts';
import { startHost } from '../../../infra/local/functions-host/src/host.ts';

export type Mode = 'JSON' | 'SSE';

export interface Block {
  /** Of the process that runs the function, for one call. */
  cpuUs: number;
  timesMs: number[];
}

/** An app with a gateway under the laptop's Functions host, in a process of its own. */
export interface DoorSubject {
  block(mode: Mode, calls: number): Promise<Block>;
  close(): Promise<void>;
}

const CALLS_AT_ONCE = 16;
const prompt = 'Which trail near Moab suits a stock 4Runner in spring? '.repeat(30);

/** @param entry first module of the app, in `test/bench/door/apps` */
export async function startDoorSubject(entry: string, env: Record<string, string>): Promise<DoorSubject> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-door-'));
  await buildApp({ outDir: folder, entry: `test/bench/door/apps/${entry}` });
  const host = await startHost({ appDirectory: folder, env, log: () => undefined });

  async function cpuUs(): Promise<number> {
    const { user, system } = (await (await fetch(`${host.url}/bench/cpu`)).json()) as NodeJS.CpuUsage;
    return user + system;
  }

  async function call(mode: Mode): Promise<void> {
    const answer = await fetch(`${host.url}/anthropic/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({
        model: 'claude-haiku-5-5',
        max_tokens: 400,
        ...(mode === 'SSE' && { stream: true }),
        messages: [{ role: 'user', content: prompt }],
      }),
    });
    const text = await answer.text();
    if (!answer.ok || !text.includes(mode === 'SSE' ? 'message_stop' : '"usage"'))
      throw new Error(`${entry}: ${answer.status} ${text.slice(0, 300)}`);
  }

  return {
    async block(mode, calls) {
      const timesMs: number[] = [];
      let begun = 0;
      const caller = async () => {
        while (begun < calls) {
          begun += 1;
          const from = performance.now();
          await call(mode);
          timesMs.push(performance.now() - from);
        }
      };
      const before = await cpuUs();
      await Promise.all(Array.from({ length: CALLS_AT_ONCE }, caller));
      return { cpuUs: ((await cpuUs()) - before) / calls, timesMs };
    },
    async close() {
      await host.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
