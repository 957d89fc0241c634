import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** Starts the peer that does nothing in a process of its own. */
export async function startFloor(): Promise<{ connectionString: string; stop(): void }> {
  const child = fork(new URL('./floor-process.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
  const [{ port }] = (await once(child, 'message')) as [AddressInfo];
  return {
    connectionString: `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true`,
    stop: () => void child.kill(),
  };
}
