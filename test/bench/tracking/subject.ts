import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Block } from './serve-blocks.ts';

/** A process that makes calls when it is asked to. */
export interface Subject {
  block(): Promise<Block>;
  close(): Promise<void>;
}

/** Starts the script and waits until it is warm. */
export async function startSubject(script: string, args: string[]): Promise<Subject> {
  // What the app logs goes nowhere, but it is written.
  const child = fork(script, args, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const answer = async <T>(): Promise<T> => {
    const over = new AbortController();
    const ended = once(child, 'exit', { signal: over.signal }).then(([code]) => {
      throw new Error(`${script} ended with ${String(code)}`);
    });
    try {
      const [message] = (await Promise.race([once(child, 'message', { signal: over.signal }), ended])) as [T];
      return message;
    } finally {
      ended.catch(() => undefined); // Nobody waits for it any more.
      over.abort();
    }
  };
  await answer();
  return {
    async block() {
      child.send('block');
      return answer<Block>();
    },
    async close() {
      const ended = once(child, 'exit');
      child.send('end');
      await ended;
    },
  };
}
