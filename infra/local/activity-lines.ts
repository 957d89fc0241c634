import { describeBatchEnd } from './batch-line.ts';
import { describeRequest } from './request-line.ts';
import { SpendingByInstance } from './spending.ts';
import type { StackOptions } from './stack.ts';

/**
 * The options of a stack that print one line for each request and each batch that reached Pay-i, between the lines of the app's log;
 * quiet, only the log without them.
 */
export function createActivityLines(
  print: (line: string) => void,
  isQuiet: boolean,
): Pick<StackOptions, 'log' | 'onExchange' | 'onMessage'> {
  const log = (line: string): void => {
    // The line of its request says the same, for people.
    if (line.includes('{"level":"info","event":"model-called"')) return;
    const batch = describeBatchEnd(line);
    if (batch === undefined) print(line);
    else if (!isQuiet) print(batch);
  };
  if (isQuiet) return { log };
  const spending = new SpendingByInstance();
  return {
    log,
    onExchange: (exchange) => print(describeRequest(exchange, spending)),
    onMessage: (_queue, body) => spending.add(body),
  };
}
