import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { curlLines } from '../../infra/local/curl-lines.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';

const run = promisify(execFile);

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

/** The words of a line as a shell reads them: ours quote with single quotes alone. */
const words = (line: string): string[] =>
  [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));

test.each(curlLines('').map((line, at) => [line, at] as const))('%s', async (_line, at) => {
  const [command = '', ...given] = words(curlLines(stack.url)[at] ?? '');
  const { stdout } = await run(command, ['-s', '-w', '\n%{http_code}', ...given], { timeout: 110_000 });
  expect(stdout).toMatch(/\n20[0-9]$/);
});
