import { expect, test } from 'vitest';
import { firstSend } from '../../shared/events/queued-event.ts';
import { decide, putOff } from '../../shared/ingest/decide.ts';
import type { IngestResult, PutOff } from '../../shared/ingest/ingest-result.ts';
import { startMs, usageEvent } from '../support/events.ts';

const DAY_MS = 24 * 3_600_000;
const outgoing = firstSend(usageEvent());
const refused = { code: 'invalid_units', reason: 'the units are unknown' };

test.each<IngestResult>([{ kind: 'accepted' }, { kind: 'duplicate' }])('what is at Pay-i is done: %o', (verdict) => {
  expect(decide(outgoing, verdict, startMs, 0)).toEqual({ to: 'done' });
});

test('what Pay-i will never take is given up at once, with its reason', () => {
  expect(decide(outgoing, { kind: 'permanent', ...refused }, startMs, 0)).toEqual({ to: 'dead', ...refused });
});

test.each(['transient', 'uncertain'] as const)(
  'what is %s comes again, one attempt further, due by the schedule',
  (kind) => {
    const verdict: IngestResult = { kind, ...refused };
    expect(decide(outgoing, verdict, startMs, 0)).toEqual({
      to: 'later',
      outgoing: { ...outgoing, attempt: 1, sinceMs: startMs, dueAtMs: startMs + 1_000 },
    });
    const again = { ...outgoing, attempt: 3, sinceMs: startMs - DAY_MS };
    expect(decide(again, verdict, startMs, 0)).toEqual({
      to: 'later',
      outgoing: { ...again, attempt: 4, dueAtMs: startMs + 8_000 },
    });
  },
);

test('what was put off for three days is given up with the last reason', () => {
  const old = { ...outgoing, attempt: 9, sinceMs: startMs - 3 * DAY_MS };
  expect(decide(old, { kind: 'transient', ...refused }, startMs, 0)).toEqual({ to: 'dead', ...refused });
  expect(decide({ ...old, sinceMs: old.sinceMs + 1 }, { kind: 'transient', ...refused }, startMs, 0).to).toBe('later');
});

test('Retry-After is waited for', () => {
  const verdict: PutOff = { kind: 'transient', ...refused, retryAfterMs: 60_000 };
  expect(putOff(outgoing, startMs, 0, verdict)?.dueAtMs).toBe(startMs + 60_000);
});
