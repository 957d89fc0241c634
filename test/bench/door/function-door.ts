import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../../../infra/cli/build.ts';
import { startHost } from '../../../infra/local/functions-host/src/host.ts';
import type { Door } from './calls.ts';

const paths = { Anthropic: '/anthropic/v1/messages', OpenAI: '/openai/v1/chat/completions' };

/**
 * An app with gateways under the laptop's Functions host.
 * @param entry first module of the app, in `test/bench/door/apps`
 */
export async function startFunctionDoor(entry: string, env: Record<string, string>): Promise<Door> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-door-'));
  await buildApp({ outDir: folder, entry: `test/bench/door/apps/${entry}` });
  const host = await startHost({ appDirectory: folder, env, log: () => undefined });
  return {
    async cpuUs() {
      const { user, system } = (await (await fetch(`${host.url}/bench/cpu`)).json()) as NodeJS.CpuUsage;
      return user + system;
    },
    addressOf: (api) => ({ url: host.url + paths[api], headers: {} }),
    async close() {
      await host.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
