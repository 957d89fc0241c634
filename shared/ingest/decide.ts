import type { QueuedEvent } from '../events/queued-event.ts';
import type { IngestResult, PutOff } from './ingest-result.ts';
import { nextAttemptAt } from './retry-schedule.ts';

/** Where an event goes after an attempt: one of three, never two. */
export type Destination =
  | { to: 'done' }
  | { to: 'later'; outgoing: QueuedEvent }
  | { to: 'dead'; code: string; reason: string };

/** The event as it is sent again: one attempt further, due when the schedule says, or undefined when its time is over. */
export function putOff(outgoing: QueuedEvent, nowMs: number, random: number, verdict: PutOff): QueuedEvent | undefined {
  const attempt = outgoing.attempt + 1;
  const sinceMs = outgoing.sinceMs ?? nowMs;
  const dueAtMs = nextAttemptAt({ attempt, nowMs, sinceMs, retryAfterMs: verdict.retryAfterMs, random });
  return dueAtMs === undefined ? undefined : { ...outgoing, attempt, sinceMs, dueAtMs };
}

export function decide(outgoing: QueuedEvent, verdict: IngestResult, nowMs: number, random: number): Destination {
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
