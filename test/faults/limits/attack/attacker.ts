import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AttackEnds, FromAttacker, ToAttacker } from './messages.ts';

/** A process with its own tracked client and limits, that makes calls when it is asked to. */
export interface Attacker {
  calls(calls: Omit<ToAttacker & { kind: 'calls' }, 'kind'>): Promise<AttackEnds>;
  /** Lets it write everything down and end. */
  close(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

export async function startAttacker(start: Omit<ToAttacker & { kind: 'start' }, 'kind'>): Promise<Attacker> {
  const child = fork(fileURLToPath(new URL('./process.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    // Money is bigint.
    serialization: 'advanced',
    detached: process.platform !== 'win32',
  });
  const gone = once(child, 'exit');
  const answer = async <K extends FromAttacker['kind']>(message: ToAttacker, _kind: K) => {
    const heard = once(child, 'message');
    child.send(message);
    const ended = gone.then(([code]) => {
      throw new Error(`A process ended with exit code ${code}.`);
    });
    const [said] = await Promise.race([heard, ended]);
    return said as FromAttacker & { kind: K };
  };
  await answer({ kind: 'start', ...start }, 'ready');
  return {
    calls: (calls) => answer({ kind: 'calls', ...calls }, 'ends'),
    close: async () => {
      child.send({ kind: 'close' } satisfies ToAttacker);
      await gone;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
