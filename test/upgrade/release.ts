import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Closer } from '../../infra/local/all-or-none.ts';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Builds the package of a git ref, with the dependencies of its own lock file, in a worktree that is removed afterwards.
 * @returns the app directory
 */
export async function buildRelease(
  ref: string,
  stands: (closer: Closer) => void,
  signal: AbortSignal,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'release-'));
  stands(() => rm(folder, { recursive: true, force: true }));
  const sources = join(folder, 'sources');
  const app = join(folder, 'app');
  const inProject = { cwd: project, signal };
  const inSources = { cwd: sources, signal, maxBuffer: 64 * 1024 * 1024 };
  await run('git', ['worktree', 'add', '--detach', sources, ref], inProject);
  try {
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], inSources);
    await run('npm', ['run', '--silent', 'build', '--', app], inSources);
  } finally {
    // Not ended by the signal: git keeps a list of its worktrees.
    await run('git', ['worktree', 'remove', '--force', sources], { cwd: project });
  }
  return app;
}
