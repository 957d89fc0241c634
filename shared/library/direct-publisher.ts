import { NotDurableError } from '../events/errors.ts';
import type { Publisher } from '../events/publisher.ts';
import { firstSend, type QueuedEvent } from '../events/queued-event.ts';
import { ingestUsage, type PayiDeps, recordKpis } from '../ingest/batch-at-payi.ts';
import type { Item } from '../ingest/batch-items.ts';
import { decide } from '../ingest/decide.ts';
import { ingestModeOf } from '../ingest/ingest-modes.ts';
import { classifyError } from '../ingest/ingest-result.ts';
import type { KpiScores } from '../ingest/kpi-scores.ts';
import { createPayiIngester } from '../ingest/payi-ingester.ts';
import { reportTo } from '../ingest/report-to.ts';
import type { PayiClient } from '../payi/client.ts';
import type { PayiDialect } from '../payi/dialect/dialect.ts';
import { type KpiPut, kpiPuts } from '../payi/kpi-puts.ts';
import { PayiError } from '../payi/transport/error.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { createCircuitBreaker } from '../util/circuit-breaker.ts';
import type { Clock } from '../util/clock.ts';
import { withTimeout } from '../util/with-timeout.ts';

/** Events that wait in memory at most. */
const MAX_WAITING = 10_000;
const BATCH_ITEMS = 200;
const BATCH_BYTES = 1_000_000;
const BATCH_MS = 60_000;
/** Events of concurrent calls share a bulk. */
const GATHER_MS = 50;
const CLOSE_MS = 10_000;

export interface DirectPublisher extends Publisher {
  /** Resolves when every event was ingested or given up, or at the latest after `withinMs`. @returns how many events still wait */
  flush(withinMs: number): Promise<number>;
  /** Sends nothing more. */
  end(): void;
}

interface DirectPublisherOptions {
  payi: PayiClient;
  dialect: PayiDialect;
  clock: Clock;
  telemetry: Telemetry;
  /** Of [0, 1). */
  random?(): number;
}

/**
 * Hands events to Pay-i from the memory of the process, with the rules of the app's ingest: errors of single events split the batch,
 * failures that pass are tried again for up to three days, KPIs come after their instance. What waits when the process ends is lost.
 */
export function createDirectPublisher(options: DirectPublisherOptions): DirectPublisher {
  const { payi, dialect, clock, telemetry, random = Math.random } = options;
  const breaker = createCircuitBreaker({ threshold: 3, pauseMs: 15_000 });
  const sink = createPayiIngester({
    payi,
    mode: ingestModeOf({ PAYI_INGEST_MODE: 'auto', PAYI_API_DIALECT: dialect }),
    maxItems: BATCH_ITEMS,
    maxBytes: BATCH_BYTES,
    report: reportTo(breaker, clock),
    clock,
    telemetry,
  });
  const deps: PayiDeps = {
    sink,
    kpis: latestScores(payi),
    breaker,
    ensureLimits: async () => undefined,
    clock,
    telemetry,
  };
  let waiting: QueuedEvent[] = [];
  /** In the batch that is under way. */
  let inHand = 0;
  let running: Promise<void> | undefined;
  let wake = new AbortController();
  let isClosed = false;

  async function run(): Promise<void> {
    while (waiting.length > 0 && !isClosed) {
      const nowMs = clock.now();
      const dueInMs = Math.min(...waiting.map(({ dueAtMs }) => (dueAtMs ?? nowMs + GATHER_MS) - nowMs));
      // A new event ends a longer pause.
      wake = new AbortController();
      await clock.sleep(Math.max(0, dueInMs), dueInMs > GATHER_MS ? wake.signal : undefined).catch(() => undefined);
      const due = waiting.filter(({ dueAtMs }) => (dueAtMs ?? 0) <= clock.now()).slice(0, BATCH_ITEMS);
      waiting = waiting.filter((outgoing) => !due.includes(outgoing));
      inHand = due.length;
      waiting.push(...(await ingest(due)));
      inHand = 0;
    }
  }

  /** @returns what is to be tried again */
  async function ingest(due: QueuedEvent[]): Promise<QueuedEvent[]> {
    const items: Item[] = due.map((outgoing) => ({ outgoing, tried: outgoing.attempt > 0 }));
    const deadlineMs = clock.now() + BATCH_MS;
    await ingestUsage(items, deadlineMs, deps);
    await recordKpis(items, deadlineMs, deps);
    return items.flatMap(({ outgoing, verdict = { kind: 'accepted' } }) => {
      const to = decide(outgoing, verdict, clock.now(), random());
      if (to.to === 'later') return [to.outgoing];
      if (to.to === 'dead') telemetry.error('event-given-up', { eventId: outgoing.event.eventId, code: to.code });
      return [];
    });
  }

  function start(): Promise<void> {
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  }

  const publisher: DirectPublisher = {
    async publish(event) {
      if (isClosed || waiting.length + inHand >= MAX_WAITING) throw new NotDurableError(undefined);
      waiting.push(firstSend(event));
      wake.abort();
      // It rejects only for a defect in the program, which `flush` shows.
      start().catch((error: unknown) => telemetry.error('ingest-failed', { error: String(error) }));
      return 'queued';
    },
    async flush(withinMs) {
      if (running) await withTimeout(withinMs, running, clock).catch(() => undefined);
      return waiting.length + inHand;
    },
    async close() {
      await publisher.flush(CLOSE_MS);
      publisher.end();
    },
    end() {
      isClosed = true;
      wake.abort();
    },
  };
  return publisher;
}

/** The last score of an instance's KPI wins, by the time of its event. */
function latestScores(payi: Pick<PayiClient, 'kpis'>): KpiScores {
  const latest = new Map<string, string>();
  const isOld = ({ useCaseName, useCaseId, kpiName }: KpiPut, occurredAt: string): boolean => {
    const key = JSON.stringify([useCaseName, useCaseId, kpiName]);
    if (occurredAt < (latest.get(key) ?? '')) return true;
    // The oldest is forgotten; a late score of it is rare.
    const [oldest] = latest.keys();
    if (latest.size >= MAX_WAITING && oldest !== undefined) latest.delete(oldest);
    latest.set(key, occurredAt);
    return false;
  };
  return {
    async record(event) {
      try {
        for (const put of kpiPuts(event))
          if (!isOld(put, event.occurredAt))
            await payi.kpis.score(put.useCaseName, put.useCaseId, put.kpiName, put.score);
        return { kind: 'accepted' };
      } catch (error) {
        if (!(error instanceof PayiError)) throw error;
        return classifyError(error);
      }
    },
    prune: async () => 0,
  };
}
