import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Output } from '../../infra/cli/command.ts';

/**
 * Runs a program to its end, with its output among the progress of a command. Resolves with its exit code.
 * @throws Interrupted when the command is to stop
 */
export async function runProgram(
  program: string,
  args: string[],
  options: { cwd: string; output: Output; signal: AbortSignal },
): Promise<number | null> {
  const { cwd, output, signal } = options;
  const child = spawn(program, args, { cwd, stdio: ['ignore', output.json ? 2 : 'inherit', 'inherit'] });
  const stop = () => child.kill();
  signal.addEventListener('abort', stop);
  const [code] = await once(child, 'exit');
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  return code;
}
