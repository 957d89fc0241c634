import type { LedgerEntry, LedgerRow } from '../../shared/ledger/ledger-row.ts';
import { rowOf } from '../../shared/ledger/ledger-row.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { usageEvent } from '../support/events.ts';

/** Numbers of [0, 1), the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Those of USAGE_PROPERTIES. */
export const trafficProperties = ['region', 'tier'];

export interface Written {
  entry: LedgerEntry;
  row: LedgerRow;
  /** When the ledger gets it, ms. */
  atMs: number;
}

const HOUR_MS = 3_600_000;

/** Ledger entries of calls in the hours from `beginMs` on: at once, late by hours, put off first, twice, or given up. */
export function randomTraffic(next: () => number, beginMs: number, hours: number, calls: number): Written[] {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
  return Array.from({ length: calls }, () => {
    const calledMs = Math.floor(beginMs + next() * hours * HOUR_MS);
    const outcome = pick(['succeeded', 'succeeded', 'succeeded', 'failed', 'aborted', 'abandoned'] as const);
    const user = Math.floor(next() * 12);
    const event = usageEvent({
      eventId: uuidV7(calledMs),
      occurredAt: new Date(calledMs).toISOString(),
      units: {
        text: { input: Math.floor(next() * 900), output: 7 },
        ...(next() < 0.3 && { text_cache_read: { input: 400 } }),
      },
      endToEndLatencyMs: Math.floor(next() ** 4 * 90_000),
      ...(next() < 0.4 && { timeToFirstTokenMs: Math.floor(next() * 900) }),
      outcome,
      useCase: {
        name: pick(['analysis', 'finder', 'plan']),
        id: `run-${calledMs}`,
        ...(next() < 0.8 && { version: pick([1, 2, 10]) }),
        ...(next() < 0.5 && { step: 'repair' }),
      },
      userId: user === 0 ? undefined : `u${user}`,
      ...(next() < 0.3 && { accountName: pick(['acme', 'initech']) }),
      ...(next() < 0.3 && { keyName: 'front-end' }),
      useCaseProperties: next() < 0.6 ? { region: pick(['utah', 'texas']), trail: `trail-${user}` } : {},
      requestProperties: next() < 0.2 ? { region: 'from the request', tier: 'gold' } : {},
      resource: pick(['claude-sonnet-5-5', 'gpt-5.2']),
      estimatedCost: next() < 0.1 ? null : Math.floor(next() * 1e9),
    });
    const entry = (attempt: number, change: Partial<LedgerEntry>, delayMs: number): Written => {
      const made: LedgerEntry = {
        outgoing: { event, attempt, remaining: 'all' },
        tried: attempt > 0,
        state: 'ingested',
        outcome: 'accepted',
        costNanoUsd: next() < 0.5 ? BigInt(Math.floor(next() * 1e9)) : undefined,
        atMs: calledMs + delayMs,
        ...change,
      };
      const row = Object.fromEntries(
        Object.entries(rowOf(made, trafficProperties)).filter(([, value]) => value !== undefined),
      );
      return { entry: made, row: row as LedgerRow, atMs: calledMs + delayMs };
    };
    const soon = Math.floor(next() * 20_000);
    const late = Math.floor(next() * 26 * HOUR_MS);
    const kind = next();
    if (kind < 0.6) return [entry(0, {}, soon)];
    if (kind < 0.7) return [entry(0, {}, late)];
    const first = entry(0, {}, soon);
    if (kind < 0.8) return [first, { ...first, atMs: first.atMs + late }];
    const waiting = entry(0, { state: 'waiting', costNanoUsd: undefined }, soon);
    if (kind < 0.9) return [waiting, entry(1, {}, late)];
    return [waiting, entry(1, { state: 'deadLettered', costNanoUsd: undefined }, late), entry(2, {}, late + HOUR_MS)];
  }).flat();
}
