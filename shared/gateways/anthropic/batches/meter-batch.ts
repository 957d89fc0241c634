import type { Publisher } from '../../../events/publisher.ts';
import type { LastingHolds } from '../../../limits/gate/gate.ts';
import { type CallUse, noAmounts, sumOfUses } from '../../../limits/policies/units.ts';
import type { RequestShape } from '../../../model/request/request-shape.ts';
import { RowChangedError } from '../../../tables/errors.ts';
import type { Stored } from '../../../tables/table.ts';
import { describeError, type Telemetry } from '../../../telemetry/telemetry.ts';
import type { Used } from '../../../tracking/attempt-result.ts';
import { sentCall } from '../../../tracking/call.ts';
import { addUse } from '../../../tracking/call-use.ts';
import type { Clock } from '../../../util/clock.ts';
import { toUsd } from '../../../util/money.ts';
import { type EventBase, eventBaseOf, eventsOfResult } from './batch-events.ts';
import type { BatchProvider } from './batch-provider.ts';
import { type BatchResult, readBatchResult, unknownReading } from './batch-result.ts';
import { factsOf, type OpenBatchRow } from './batch-rows.ts';
import type { BatchStore } from './batch-store.ts';
import { digestOfId, type KeptRequests } from './request-pages.ts';
import { linesOf } from './result-lines.ts';

export interface BatchMeterDeps {
  store: BatchStore;
  lasting: LastingHolds;
  publisher: Publisher;
  provider: BatchProvider;
  clock: Clock;
  telemetry: Telemetry;
}

/** `running`: it has not ended. `busy`: another process meters it. `gone`: the provider has no results of it any more. */
export type BatchMetering = 'metered' | 'running' | 'busy' | 'gone';

/** A process that meters a batch and says nothing for so long has ended. */
const CLAIM_MS = 120_000;
/** Events of one send. */
const EVENTS_AT_ONCE = 200;
/** After so many runs the results that are still missing are estimated. */
const MAX_RUNS = 5;

/**
 * Meters the results of a batch that has ended, once: makes the event of each request durable, then settles its hold. A process that
 * dies in between leaves it to the next one, which publishes the same events as repeated ones (D3).
 * @throws TrailmeterError when the provider, the queue or the tables fail; then it can be done again
 */
export async function meterBatch(found: Stored<OpenBatchRow>, deps: BatchMeterDeps): Promise<BatchMetering> {
  const { store, lasting, provider, clock, telemetry } = deps;
  if (found.claimedUntilMs > clock.now()) return 'busy';
  const state = await provider.stateOf(found.batchId);
  if (state !== 'ended') return state;
  const row = await claimed(found, deps);
  if (!row) return 'busy';
  const run = new BatchRun(row, eventBaseOf(row, factsOf(row)), await store.requestsOf(row.rowKey), deps);
  try {
    if (!(await run.all())) return 'gone';
  } catch (error) {
    // For the next run; where this fails it waits until the claim ends.
    if (!(error instanceof RowChangedError))
      await store.replaceOpen(run.row, { claimedUntilMs: 0 }).catch((failure: unknown) => {
        telemetry.warn('message-batch-claim-kept', { id: row.rowKey, ...describeError(failure) });
      });
    throw error;
  }
  await lasting.settle(row.rowKey, run.use);
  if (row.owner === '' && !(await provider.remove(row.batchId)))
    telemetry.warn('message-batch-kept', { id: row.rowKey });
  await store.finish(row, clock.now());
  const { nanoUsd } = run.use;
  telemetry.info('message-batch-metered', {
    id: row.rowKey,
    events: run.events,
    runs: row.runs,
    ...(nanoUsd !== null && { spentUsd: toUsd(nanoUsd) }),
  });
  return 'metered';
}

async function claimed(
  row: Stored<OpenBatchRow>,
  { store, clock }: BatchMeterDeps,
): Promise<Stored<OpenBatchRow> | undefined> {
  try {
    return await store.replaceOpen(row, { claimedUntilMs: clock.now() + CLAIM_MS, runs: row.runs + 1 });
  } catch (error) {
    if (error instanceof RowChangedError) return undefined;
    throw error;
  }
}

/** One run over the results of a batch. */
class BatchRun {
  row: Stored<OpenBatchRow>;
  /** Of all its requests. */
  use: CallUse = noAmounts;
  events = 0;
  readonly #base: EventBase;
  readonly #requests: KeptRequests;
  readonly #deps: BatchMeterDeps;
  readonly #seen = new Set<string>();
  #waiting: Used[] = [];

  constructor(row: Stored<OpenBatchRow>, base: EventBase, requests: KeptRequests, deps: BatchMeterDeps) {
    this.row = row;
    this.#base = base;
    this.#requests = requests;
    this.#deps = deps;
  }

  /** False where the provider has no results. */
  async all(): Promise<boolean> {
    const body = await this.#deps.provider.resultsOf(this.row.batchId);
    if (!body) return false;
    for await (const line of linesOf(body)) {
      this.#read(readBatchResult(line));
      if (this.#waiting.length >= EVENTS_AT_ONCE) await this.#publish();
    }
    this.#estimateMissing();
    await this.#publish();
    return true;
  }

  #read(result: BatchResult): void {
    if (result.customId === undefined || result.outcome === 'unknown') return;
    const digest = digestOfId(result.customId);
    const shape = this.#requests.get(digest);
    if (this.#seen.has(digest) || !shape) {
      this.#deps.telemetry.warn('message-batch-result-unexpected', {
        id: this.row.rowKey,
        isKnown: shape !== undefined,
      });
      return;
    }
    this.#seen.add(digest);
    this.#add(digest, shape, result);
  }

  /** What cannot be read may come with the next run. In the end it costs as much as it may have. */
  #estimateMissing(): void {
    const missing = [...this.#requests].filter(([digest]) => !this.#seen.has(digest));
    if (missing.length === 0) return;
    if (this.row.runs < MAX_RUNS)
      throw new Error(`${missing.length} results of a batch are missing or cannot be read.`);
    const { telemetry } = this.#deps;
    telemetry.error('message-batch-results-missing', { id: this.row.rowKey, requests: missing.length });
    for (const [digest, shape] of missing) {
      const readings = [unknownReading(shape)];
      const result: BatchResult = { customId: undefined, outcome: 'unknown', status: 200, readings };
      this.#add(digest, shape, result);
    }
  }

  #add(digest: string, shape: RequestShape, result: BatchResult): void {
    const used = eventsOfResult(this.#base, digest, shape, result);
    this.use = sumOfUses(this.use, addUse(sentCall, used, shape));
    this.#waiting.push(...used);
  }

  async #publish(): Promise<void> {
    const { publisher, store, clock, telemetry } = this.#deps;
    const used = this.#waiting;
    this.#waiting = [];
    const isRepeated = this.row.runs > 1;
    await Promise.all(used.map(({ event }) => publisher.publish(event, isRepeated)));
    for (const { event } of used) {
      if (event.unitsEstimated) telemetry.count('usage-estimated', 1, { outcome: event.outcome });
    }
    this.events += used.length;
    if (this.row.claimedUntilMs - clock.now() < CLAIM_MS / 2)
      this.row = await store.replaceOpen(this.row, { claimedUntilMs: clock.now() + CLAIM_MS });
  }
}
