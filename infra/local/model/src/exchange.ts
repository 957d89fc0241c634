import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelCall } from './calls.ts';
import { ApiProblem } from './errors.ts';
import type { PromptCache } from './messages/cache.ts';
import type { Outcome, Script } from './script.ts';

/** What the handlers of a server share. */
export interface ModelState {
  seed: string;
  eventDelayMs: number;
  latencyMs: number;
  script: Script;
  cache: PromptCache;
  now: () => number;
  /** A number that no other answer of this server has. */
  ordinal(): number;
}

/** One HTTP exchange with a model. Handlers fill in `call`. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  body: unknown;
  requestId: string;
  headers: Record<string, string>;
  call: ModelCall;
}

/** The wait before an answer: what the server has as its latency, and what the script adds. */
export const waitBefore = async (state: ModelState, more = 0): Promise<void> => {
  if (state.latencyMs + more > 0) await delay(state.latencyMs + more);
};

/** @throws ApiProblem when the script wants an error answer. */
export function throwScripted({ error, headers }: Outcome): void {
  if (!error) return;
  throw new ApiProblem(error.status, error.message ?? `Scripted ${error.status}`, {
    ...(error.type ? { type: error.type } : {}),
    ...(error.details ? { details: error.details } : {}),
    ...(headers ? { headers } : {}),
  });
}
