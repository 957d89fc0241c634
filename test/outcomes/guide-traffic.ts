import type { KpiEvent, UsageEvent } from '../../shared/events/usage-event.ts';
import type { LedgerEntry } from '../../shared/ledger/ledger-row.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { kpiEvent, usageEvent } from '../support/events.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const trafficBegin = Date.parse('2026-11-21T22:00:00Z');
export const TRAFFIC_HOURS = 30;
const EVENTS = 20_000;

/** A ledger entry, and when the ledger gets it, ms. */
export interface Delivered {
  entry: LedgerEntry;
  atMs: number;
}

/** Analyses of two calls with a rating and perhaps a thumb, which may come a day later and be changed. */
export function guideTraffic(next: () => number): { calls: UsageEvent[]; scores: KpiEvent[]; delivered: Delivered[] } {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
  const calls: UsageEvent[] = [];
  const scores: KpiEvent[] = [];
  while (calls.length + scores.length < EVENTS) {
    const atMs = Math.floor(trafficBegin + next() * TRAFFIC_HOURS * HOUR);
    const id = next() < 0.8 ? uuidV7(atMs) : `chosen-${calls.length}`;
    const useCase = { name: pick(['trail_analysis', 'trail_finder']), id, version: pick([2, 3]) };
    const userId = `u${Math.floor(next() * 50)}`;
    const difficulty = 1 + Math.floor(next() * 5);
    const callAt = (ms: number, outcome: UsageEvent['outcome']): UsageEvent =>
      usageEvent({
        eventId: uuidV7(ms),
        occurredAt: new Date(ms).toISOString(),
        useCase,
        userId,
        accountName: `team-${Number(userId.slice(1)) % 3}`,
        resource: pick(['claude-sonnet-5-5', 'claude-haiku-5-5']),
        units: { text: { input: 300 * difficulty + Math.floor(next() * 100), output: 100 } },
        outcome,
        estimatedCost: Math.floor(next() * 1e8),
      });
    const succeeded = next() < 0.9;
    calls.push(
      callAt(atMs, 'succeeded'),
      callAt(atMs + Math.floor(next() * 20 * MINUTE), succeeded ? 'succeeded' : 'failed'),
    );
    const [call] = calls.slice(-1);
    if (!call) continue;
    const scoreAt = (ms: number, name: string, score: number | boolean) =>
      scores.push(
        kpiEvent(call, score, { eventId: uuidV7(ms), occurredAt: new Date(ms).toISOString(), kpis: [{ name, score }] }),
      );
    scoreAt(atMs + MINUTE, 'analysis_success', succeeded);
    if (succeeded) scoreAt(atMs + MINUTE, 'difficulty_rating', difficulty);
    if (next() < 0.2) scoreAt(atMs + Math.floor(next() * 12 * HOUR), 'user_satisfaction', next() < 0.5);
    if (next() < 0.05) scoreAt(atMs + Math.floor(next() * 12 * HOUR) + 13 * HOUR, 'user_satisfaction', next() < 0.5);
  }
  const delivered = [...calls, ...scores].flatMap((event): Delivered[] => {
    const soon = Date.parse(event.occurredAt) + Math.floor(next() * 20_000);
    const entry = (attempt: number, state: LedgerEntry['state'], atMs: number): Delivered => ({
      entry: {
        outgoing: { event, attempt, remaining: 'all' },
        tried: attempt > 0,
        state,
        outcome: state === 'ingested' ? 'accepted' : 'transient status_503',
        atMs,
      },
      atMs,
    });
    const late = soon + Math.floor(next() * 8 * HOUR);
    const kind = next();
    if (kind < 0.85) return [entry(0, 'ingested', soon)];
    if (kind < 0.9) return [entry(0, 'ingested', soon), entry(0, 'ingested', late)];
    if (kind < 0.95) return [entry(0, 'waiting', soon), entry(1, 'ingested', late)];
    // Given up, then replayed.
    return [entry(0, 'waiting', soon), entry(1, 'deadLettered', late), entry(2, 'ingested', late + HOUR)];
  });
  return { calls, scores, delivered: delivered.sort((a, b) => a.atMs - b.atMs) };
}
