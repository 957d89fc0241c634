import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKpiScores } from '../../shared/ingest/kpi-scores.ts';
import type { PayiClient } from '../../shared/payi/client.ts';
import { PayiError } from '../../shared/payi/transport/error.ts';
import { kpiEvent, startMs, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

class Crash extends Error {}

type End = 'done' | 'before' | 'after' | 'refused';

/** Pay-i keeps what it was told last. Each call to it, and each recording, may end before or after its work. */
function world(scheduler: fc.Scheduler, ends: End[]) {
  const tables = new MemoryTables();
  let kept: unknown;
  let calls = 0;
  const score = async (_name: string, _id: string, _kpi: string, value: number | boolean) => {
    const end = ends[calls++] ?? 'done';
    await scheduler.schedule(Promise.resolve(), `score ${String(value)}`);
    if (end === 'before') throw new Crash();
    if (end === 'refused')
      throw new PayiError({ kind: 'unavailable', request: 'PUT', reason: 'busy', payiStatus: 503 });
    kept = value;
    if (end === 'after') throw new Crash();
    await scheduler.schedule(Promise.resolve(), 'answer');
    // Dies after Pay-i has answered.
    if (ends[calls++] === 'after') throw new Crash();
  };
  const kpis = createKpiScores(tables, { kpis: { score } } as unknown as PayiClient);
  return { kpis, kept: () => kept };
}

test('whatever the order, and whenever a process dies, Pay-i has the newest score in the end', async () => {
  const end = fc.constantFrom<End>('done', 'done', 'before', 'after', 'refused');
  const ages = fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), ages, fc.array(end, { maxLength: 12 }), async (scheduler, minutes, ends) => {
      const { kpis, kept } = world(scheduler, ends);
      const run = usageEvent();
      const events = minutes.map((minute) =>
        kpiEvent(run, minute, { occurredAt: new Date(startMs + minute * 60_000).toISOString() }),
      );
      const record = async (event: (typeof events)[number]): Promise<void> => {
        // The queue delivers it until it is done.
        for (;;) {
          const verdict = await kpis.record(event).catch((error: unknown) => {
            if (!(error instanceof Crash)) throw error;
          });
          if (verdict?.kind === 'accepted') return;
        }
      };
      const all = Promise.all(events.map(record));
      await scheduler.waitFor(all);
      expect(kept()).toBe(Math.max(...minutes));
    }),
    { numRuns: 300 },
  );
});
