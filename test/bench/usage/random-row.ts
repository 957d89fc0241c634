import type { LedgerEntry } from '../../../shared/ledger/ledger-row.ts';
import { uuidV7 } from '../../../shared/util/ids.ts';
import { usageEvent } from '../../support/events.ts';

/** The same sequence at each run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A call of one of so many users, ingested at once. */
export function randomEntry(next: () => number, atMs: number, users: number): LedgerEntry {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
  const event = usageEvent({
    eventId: uuidV7(atMs),
    occurredAt: new Date(atMs).toISOString(),
    units: {
      text: { input: Math.floor(next() * 4_000), output: Math.floor(next() * 900) },
      text_cache_read: { input: 1_024 },
    },
    endToEndLatencyMs: Math.floor(300 + next() ** 3 * 30_000),
    timeToFirstTokenMs: Math.floor(100 + next() * 900),
    outcome: next() < 0.97 ? 'succeeded' : 'failed',
    useCase: { name: pick(useCases), id: `run-${Math.floor(next() * 1e9)}`, version: pick([1, 2]), step: pick(steps) },
    userId: `user-${Math.floor(next() * users)}`,
    resource: pick(models),
    estimatedCost: Math.floor(next() * 2e7),
  });
  return {
    outgoing: { event, attempt: 0, remaining: 'all' },
    tried: false,
    state: 'ingested',
    outcome: 'accepted',
    atMs,
  };
}

const useCases = ['trail_analysis', 'trail_finder', 'trail_planner', 'judge_validation', 'chat'];
const steps = ['analysis', 'repair', undefined];
const models = ['claude-sonnet-5-5', 'claude-haiku-5', 'gpt-5.2'];
