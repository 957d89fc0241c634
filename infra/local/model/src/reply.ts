import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiProblem } from './errors.ts';
import type { Outcome } from './script.ts';

type Break = NonNullable<Outcome['breakAfter']>;
export type ReplyEnd = 'answered' | 'broken' | 'left';

/** Resolves when the client has left. */
const departure = (response: ServerResponse): Promise<void> =>
  response.destroyed ? Promise.resolve() : new Promise((resolve) => response.once('close', resolve));

/** Sends events, each as its bytes; breaks off where the script says so. `errorEvent` encodes an error in the middle. */
export async function sendEvents(
  response: ServerResponse,
  events: Iterable<string>,
  headers: Record<string, string>,
  errorEvent: (problem: ApiProblem) => string,
  outcome: Outcome,
  eventDelayMs: number,
): Promise<ReplyEnd> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...headers,
  });
  response.flushHeaders();
  let sent = 0;
  for (const event of events) {
    if (outcome.breakAfter && sent >= outcome.breakAfter.events) {
      return await breakStream(response, outcome.breakAfter, errorEvent);
    }
    if (eventDelayMs > 0) await delay(eventDelayMs);
    if (response.destroyed) return 'left';
    if (!response.write(event)) {
      await Promise.race([new Promise((resolve) => response.once('drain', resolve)), departure(response)]);
    }
    sent += 1;
  }
  response.end();
  return 'answered';
}

async function breakStream(
  response: ServerResponse,
  plan: Break,
  errorEvent: (problem: ApiProblem) => string,
): Promise<ReplyEnd> {
  if (plan.how === 'stall') await departure(response);
  else if (plan.how === 'cut') {
    // What was written leaves first, else the client sees no event at all.
    await new Promise((resolve) => response.write(': cut\n\n', resolve));
    response.destroy();
  } else if (plan.how === 'end') response.end();
  else {
    const { status = 529, type, message = 'Overloaded', details } = plan.error ?? {};
    const problem = new ApiProblem(status, message, { ...(type ? { type } : {}), ...(details ? { details } : {}) });
    response.end(errorEvent(problem));
  }
  return 'broken';
}

/** Sends a JSON answer; a break leaves its second half out. */
export async function sendBody(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string>,
  plan: Break | undefined,
): Promise<ReplyEnd> {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  if (!plan) {
    response.end(text);
    return 'answered';
  }
  const half = text.slice(0, Math.floor(text.length / 2));
  await new Promise((resolve) => response.write(half, resolve));
  if (plan.how === 'stall') await departure(response);
  else if (plan.how === 'cut') response.destroy();
  else response.end();
  return 'broken';
}
