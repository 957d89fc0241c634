import type Anthropic from '@anthropic-ai/sdk';
import type { DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type LedgerRow, responseIdOf } from '../ledger/ledger-row.ts';
import type { Policy } from '../limits/policies/policy.ts';
import type { PayiClient } from '../payi/client.ts';
import { PayiError } from '../payi/transport/error.ts';
import type { Outbox } from '../publishing/outbox.ts';
import type { QueueBrowser } from '../service-bus/queue-browser.ts';
import type { Clock } from '../util/clock.ts';
import { DAY_MS } from '../util/days.ts';
import { inParallel } from '../util/in-parallel.ts';
import { fromUsd } from '../util/money.ts';
import { type BookDifference, compareBooks, type ReconciledRow } from './compare-books.ts';
import { DayBooks, type PayiView } from './day-books.ts';
import { notesOf } from './notes.ts';
import { type PayiSum, readPayiSum } from './payi-sum.ts';
import type { ProviderBook } from './provider-book.ts';
import { ProviderReportError, readProviderReport } from './provider-report.ts';
import { listUnwritten } from './unwritten-events.ts';

export interface ReconcileOptions {
  ledger: Pick<Ledger, 'between' | 'earliestHour'>;
  outbox: Pick<Outbox, 'entries'>;
  view: Pick<QueueBrowser, 'messages' | 'peekDeadLetters'>;
  deadLetters: Pick<DeadLetterStore, 'list'>;
  payi: Pick<PayiClient, 'requests' | 'limits'>;
  /** Those that are in force; one of them may have a limit of the whole day. */
  policies: readonly Policy[];
  /** What gives a client with a key of Anthropic's Admin API, and the keys to report; absent where none is configured. */
  provider?: { client: () => Promise<Pick<Anthropic, 'beta'>>; apiKeyIds: readonly string[] } | undefined;
  clock: Clock;
}

export interface Reconciliation {
  /** The books that could be compared agree in every row, and in Pay-i's sum as far as its prices of events are not known. */
  ok: boolean;
  /** UTC, `2026-11-23`. */
  day: string;
  /** The day is over, and all three books say all of it. */
  complete: boolean;
  /** Usage events that the ledger has of the day. */
  events: number;
  /** Of these: events whose price at Pay-i is not known, because ingest does not name it and look-ups are bounded. */
  unknownAtPayi: number;
  /** Where Pay-i has a sum of the day: see `PayiSum`. */
  payiSum: PayiSum | null;
  rows: ReconciledRow[];
  differences: BookDifference[];
  /** What was not compared, and why. */
  notes: string[];
}

const LOOK_UPS_AT_ONCE = 8;
/** The report is some minutes behind. */
const REPORT_DELAY_MS = 10 * 60_000;

/**
 * Compares the ledger of a day (UTC) with what Pay-i has of its events and with the provider's own report. Changes nothing. The
 * ledger is read as a stream; of the events only those to look up at Pay-i are kept, `lookUps` at most.
 * @throws TableError, QueueUnavailableError, PayiError
 */
export async function reconcileDay(options: ReconcileOptions, day: string, lookUps: number): Promise<Reconciliation> {
  const { ledger, clock } = options;
  const startMs = Date.parse(`${day}T00:00:00Z`);
  const endMs = startMs + DAY_MS;
  const books = new DayBooks(startMs, endMs);
  // Before the ledger, so that an event which moves meanwhile is rather in both than in none.
  const unwritten = await listUnwritten(options, startMs, endMs);
  const unpriced: LedgerRow[] = [];
  let events = 0;
  const taken = { startMs, events: 0, cost: 0n };
  let unknownAtPayi = 0;
  for await (const row of ledger.between(day, dayAfter(endMs))) {
    unwritten.events.delete(row.rowKey);
    if (row.kind !== 'usage') continue;
    events += 1;
    if (row.state === 'ingested') {
      taken.events += 1;
      taken.cost += row.estimatedCost ?? 0n;
    }
    if (!books.add(row)) continue;
    if (unpriced.length < lookUps && responseIdOf(row) !== undefined) unpriced.push(row);
    else {
      books.addPayi(row, undefined);
      unknownAtPayi += 1;
    }
  }
  for (const row of unwritten.events.values()) books.addUnwritten(row);
  for await (const row of ledger.between(hourBefore(startMs), day)) if (row.kind === 'usage') books.addEarlier(row);
  await inParallel(unpriced, LOOK_UPS_AT_ONCE, async (row) => {
    const view = await payiView(options.payi, row);
    if (view === undefined) unknownAtPayi += 1;
    books.addPayi(row, view);
  });
  const payiSum = await readPayiSum(options.payi, options.policies, taken);
  const { report, failure } = await providerReport(options, startMs);
  const { rows, differences } = compareBooks(books.all(), report);
  const notes = notesOf({
    isOver: clock.now() >= endMs,
    isKept: ((await ledger.earliestHour()) ?? '') <= `${day}T23`,
    unknownAtPayi,
    isUnwrittenWhole: unwritten.complete,
    isProviderAsked: options.provider !== undefined,
    failure,
    refreshedMs: report?.refreshedMs,
    dueMs: Math.min(endMs, clock.now() - REPORT_DELAY_MS),
  });
  return {
    ok: differences.length === 0 && failure === undefined && (unknownAtPayi === 0 || !payiSum?.difference),
    day,
    complete: notes.length === 0,
    events,
    unknownAtPayi,
    payiSum,
    rows,
    differences,
    notes,
  };
}

const dayAfter = (endMs: number): string => new Date(endMs).toISOString().slice(0, 10);
const hourBefore = (startMs: number): string => new Date(startMs - 1).toISOString().slice(0, 13);

/** What Pay-i has of an event; undefined where it does not name a price. @throws PayiError when it does not answer */
async function payiView(payi: Pick<PayiClient, 'requests'>, row: LedgerRow): Promise<PayiView | undefined> {
  try {
    const found = await payi.requests.byProvider(row.category ?? '', responseIdOf(row) ?? '');
    if (!found) return 'missing';
    const usd = found.cost?.total?.base;
    return usd == null ? undefined : fromUsd(usd);
  } catch (error) {
    // Refused for this event alone, e.g. for what its id is.
    if (error instanceof PayiError && error.kind === 'rejected') return undefined;
    throw error;
  }
}

async function providerReport(
  { provider }: ReconcileOptions,
  startMs: number,
): Promise<{ report?: ProviderBook; failure?: string }> {
  if (!provider) return {};
  try {
    return { report: await readProviderReport({ ...provider, startMs }) };
  } catch (error) {
    // The other two books are worth comparing all the same.
    if (error instanceof ProviderReportError) return { failure: error.message };
    throw error;
  }
}
