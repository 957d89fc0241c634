import type { Outgoing } from './outgoing.ts';
import { nextAttemptAt } from './retry-schedule.ts';
import type { PutOff, Verdict } from './verdict.ts';

/** Where an event goes after an attempt: one of three, never two. */
export type Destination =
  | { to: 'done' }
  | { to: 'later'; outgoing: Outgoing }
  | { to: 'dead'; code: string; reason: string };

/** The event as it is sent again: one attempt further, due when the schedule says, or undefined when its time is over. */
export function putOff(outgoing: Outgoing, nowMs: number, random: number, verdict: PutOff): Outgoing | undefined {
  const attempt = outgoing.attempt + 1;
  const sinceMs = outgoing.sinceMs ?? nowMs;
  const dueAtMs = nextAttemptAt({ attempt, nowMs, sinceMs, retryAfterMs: verdict.retryAfterMs, random });
  return dueAtMs === undefined ? undefined : { ...outgoing, attempt, sinceMs, dueAtMs };
}

export function decide(outgoing: Outgoing, verdict: Verdict, nowMs: number, random: number): Destination {
  switch (verdict.kind) {
    case 'accepted':
    case 'duplicate':
      return { to: 'done' };
    case 'permanent':
      return { to: 'dead', code: verdict.code, reason: verdict.reason };
    default: {
      const later = putOff(outgoing, nowMs, random, verdict);
      return later ? { to: 'later', outgoing: later } : { to: 'dead', code: verdict.code, reason: verdict.reason };
    }
  }
}
