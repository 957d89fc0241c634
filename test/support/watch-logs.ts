import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, expect } from 'vitest';
import { APP_LINES } from '../../infra/local/functions-host/src/app-lines.ts';
import { isLogLine, leakIn } from './log-leaks.ts';

/**
 * Loaded before each file of tests: every line that the app logs meanwhile, in this process or in one of the laptop's host, is looked
 * through. So no test needs to think of it, and the whole run is the test.
 */
const leaks: string[] = [];

function look(text: string): void {
  for (const line of text.split('\n')) {
    const leak = leakIn(line);
    if (leak !== undefined) leaks.push(leak);
  }
}

const write = process.stdout.write;
process.stdout.write = function watched(this: typeof process.stdout, ...[chunk, ...rest]: Parameters<typeof write>) {
  const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
  look(text.split('\n').filter(isLogLine).join('\n'));
  return Reflect.apply(write, this, [chunk, ...rest]) as boolean;
} as typeof write;

const onLine = (line: unknown): void => look(String(line));
subscribe(APP_LINES, onLine);

afterAll(() => {
  unsubscribe(APP_LINES, onLine);
  process.stdout.write = write;
  expect(leaks, 'the app logged what it must not').toEqual([]);
});
