import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What the processes of one app share. */
export interface CallerSetup {
  tablesConnection: string;
  prefix: string;
  busConnection: string;
  payiUrl: string;
}

/** What calls came to: of each process, but the rate that is of all. */
export interface CallsMade {
  cpuUsPerCall: number;
  callsPerSecond: number;
  tableRequestsPerCall: number;
}

/** So many processes of one app. */
export interface Callers {
  /** So many calls in each process, one process after the other, so that none waits for the others' first writes. */
  warmUp(calls: number, users: number): Promise<void>;
  /** So many calls in each process, by these users in turn. */
  run(calls: number, users: number): Promise<CallsMade>;
  close(): Promise<void>;
}

export function startCallers(processes: number, setup: CallerSetup): Callers {
  const children = Array.from({ length: processes }, () =>
    fork(new URL('./caller-process.ts', import.meta.url), [JSON.stringify(setup)], { execArgv: ['--import', 'tsx'] }),
  );
  const runIn = async (child: ChildProcess, calls: number, users: number): Promise<CallsMade> => {
    const ended = new AbortController();
    child.send({ calls, users });
    const answer = once(child, 'message', { signal: ended.signal });
    const stop = (): void => ended.abort(new Error('A process of the benchmark ended.'));
    child.once('exit', stop);
    const [made] = (await answer) as [CallsMade];
    child.off('exit', stop);
    return made;
  };
  return {
    async warmUp(calls, users) {
      for (const child of children) await runIn(child, calls, users);
    },
    async run(calls, users) {
      const made = await Promise.all(children.map((child) => runIn(child, calls, users)));
      const sum = (figure: keyof CallsMade) => made.reduce((total, one) => total + one[figure], 0);
      return {
        cpuUsPerCall: sum('cpuUsPerCall') / processes,
        callsPerSecond: sum('callsPerSecond'),
        tableRequestsPerCall: sum('tableRequestsPerCall') / processes,
      };
    },
    async close() {
      const running = children.filter(({ exitCode }) => exitCode === null);
      const ended = running.map((child) => once(child, 'exit'));
      for (const child of running) child.send('end');
      await Promise.all(ended);
    },
  };
}
