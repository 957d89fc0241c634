import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { TargetState } from './target-process.ts';

/** The stack under attack. */
export interface Target {
  /** As it was at the start. */
  readonly started: TargetState;
  /** As it is now; undefined when its process is gone. */
  state(): Promise<TargetState | undefined>;
  /** The last words of the process on stderr. */
  lastWords(): string;
  close(): Promise<void>;
}

/** Characters of the log. */
const KEPT_WORDS = 4_000;
/** More than the stack ever needs, and little enough that memory which runs away ends the process in a short run. */
const HEAP_MB = 768;

/** Starts the stack in a process of its own, so that its death is seen and not shared. */
export async function startTarget(): Promise<Target> {
  const child = fork(new URL('./target-process.ts', import.meta.url), {
    execArgv: ['--import', 'tsx', '--expose-gc', `--max-old-space-size=${HEAP_MB}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let words = '';
  child.stderr?.on('data', (chunk) => {
    words = (words + chunk).slice(-KEPT_WORDS);
  });
  const gone = once(child, 'exit').then(() => undefined);
  const next = () => Promise.race([once(child, 'message').then(([state]) => state as TargetState), gone]);
  const started = await next();
  if (!started) throw new Error(`The stack to attack did not start:\n${words}`);
  return {
    started,
    async state() {
      if (!child.connected) return undefined;
      const answer = next();
      child.send('state');
      return answer;
    },
    lastWords: () => words,
    async close() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
