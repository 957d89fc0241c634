import { execFile } from 'node:child_process';
import { relative } from 'node:path';
import { quiet } from './bicep-cli.ts';

/** One diagnostic of the compiler or the linter. */
export interface Diagnostic {
  /** Path in the repository. */
  file: string;
  line: number;
  level: string;
  rule: string;
  message: string;
}

const form = /^(.+?)\((\d+),\d+\) : (Warning|Error|Info) ([^\s:]+): (.*)$/;

/** The diagnostics in the CLI's output; any other line gets the level that its text begins with. */
export function readDiagnostics(output: string, root: string): Diagnostic[] {
  return output
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, file = '', at = '0', level = '', rule = '', message = ''] = form.exec(line) ?? [];
      if (!file)
        return { file: '', line: 0, level: /^warning/i.test(line) ? 'Warning' : 'Error', rule: '', message: line };
      return { file: relative(root, file), line: Number(at), level, rule, message };
    });
}

/** What a run of the CLI said and gave. */
export interface BicepResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs the CLI in `root`. A failure is a result too. */
export const runBicep = (bicep: string, args: string[], root: string): Promise<BicepResult> =>
  new Promise((resolve, reject) => {
    const options = { cwd: root, env: quiet, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 };
    execFile(bicep, args, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') return reject(error);
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
