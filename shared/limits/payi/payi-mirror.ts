import type { Limits, PayiLimit } from '../../payi/limits.ts';
import { TableUncertainError } from '../../tables/errors.ts';
import type { Stored } from '../../tables/table.ts';
import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import { inParallel } from '../../util/in-parallel.ts';
import { fromUsd, toUsd } from '../../util/money.ts';
import { parseLimitId } from '../policies/limit-id.ts';
import { changeState, readState, type StateDeps } from '../state/change-state.ts';
import { moveLevel, spentOf } from '../state/limit-math.ts';
import type { StateRow } from '../state/limit-rows.ts';
import { limitPages } from './limit-pages.ts';

export interface PayiMirrorOptions extends StateDeps {
  payi: Pick<Limits, 'get' | 'page'>;
  telemetry: Telemetry;
  crossed(limitId: string, state: StateRow): void;
}

/** What one limit is refreshed from. */
interface Before {
  /** The state before Pay-i was asked; undefined where there is none. */
  state: Stored<StateRow> | undefined;
  /** nano-USD ingested since the last refresh. */
  delta: bigint;
}

/** Where a refresh of many limits ended before it was through. */
export interface RefreshEnd {
  /** Limits that were not refreshed. */
  left: number;
  /** Of Pay-i's list; undefined when it was read to its end. */
  cursor: string | undefined;
}

const READS_AT_ONCE = 8;
/** Writes of one partition share transactions, so many may be under way. */
const WRITES_AT_ONCE = 1_600;
/** A limit is asked for no more often. */
const SPACING_MS = 5_000;
const REMEMBERED = 20_000;
/** A figure that stays the same is written down again after this, so that its time is not far off. */
const REWRITE_MS = 600_000;

/** Learns from Pay-i what was spent on our limits. */
export class PayiMirror {
  readonly #options: PayiMirrorOptions;
  /** nano-USD ingested since the last refresh. */
  #reported = new Map<string, bigint>();
  readonly #refreshedMs = new Map<string, number>();

  constructor(options: PayiMirrorOptions) {
    this.#options = options;
  }

  /**
   * Notes what was ingested (limit id to the sum of the events' own estimates, nano-USD) and rereads the limits soon
   * after. Returns at once; a process that dies before leaves them counted twice until the period ends, never uncounted.
   */
  refreshLimits(reported: ReadonlyMap<string, bigint>): void {
    for (const [limitId, nano] of reported) {
      // Limits of others have no state here.
      if (parseLimitId(limitId) === undefined) continue;
      this.#reported.set(limitId, (this.#reported.get(limitId) ?? 0n) + nano);
    }
  }

  /** Refreshes what was noted; with `now` undefined all of it, else what was not refreshed just before. */
  async flush(now?: number): Promise<void> {
    const due = [...this.#reported.keys()].filter(
      (limitId) => now === undefined || now - (this.#refreshedMs.get(limitId) ?? 0) >= SPACING_MS,
    );
    if (this.#refreshedMs.size > REMEMBERED) this.#refreshedMs.clear();
    if (due.length === 0) return;
    const { limits } = this.#options;
    const states = await inParallel(due, READS_AT_ONCE, (limitId) => readState(limits, limitId));
    await this.refresh(new Map(due.map((limitId, place) => [limitId, states[place]])));
  }

  /**
   * Reads limits at Pay-i, each with its state as it was just read. What was ingested before counts as seen by Pay-i from
   * then on. No request is begun after `untilMs`; with `cursor` it goes on where an earlier refresh ended.
   */
  async refresh(
    states: ReadonlyMap<string, Stored<StateRow> | undefined>,
    { untilMs = Number.POSITIVE_INFINITY, cursor }: { untilMs?: number; cursor?: string | undefined } = {},
  ): Promise<RefreshEnd> {
    const { clock, telemetry, payi } = this.#options;
    const left = new Map<string, Before>();
    for (const [limitId, state] of states) {
      left.set(limitId, { state, delta: this.#reported.get(limitId) ?? 0n });
      this.#reported.delete(limitId);
      this.#refreshedMs.set(limitId, clock.now());
    }
    let end = cursor;
    let writing: Promise<unknown> = Promise.resolve();
    try {
      for await (const read of limitPages(payi, left.keys(), cursor)) {
        // Those of one page while the next one is read.
        await writing;
        writing = inParallel(read.limits, WRITES_AT_ONCE, async (limit) => {
          const before = left.get(limit.limit_id);
          left.delete(limit.limit_id);
          if (before) await this.#write(limit.limit_id, before, limit);
        });
        end = read.cursor;
        if (clock.now() >= untilMs) break;
      }
    } catch (error) {
      telemetry.warn('limits-not-refreshed', { limits: left.size, ...describeError(error) });
    }
    await writing;
    const noted = [...left].filter(([, { delta }]) => delta > 0n);
    await inParallel(noted, WRITES_AT_ONCE, ([limitId, before]) => this.#write(limitId, before));
    return { left: left.size, cursor: end };
  }

  /** What was ingested is noted again for the next refresh, unless it may stand in the table: it would count as seen twice. */
  async #write(limitId: string, before: Before, atPayi?: PayiLimit): Promise<void> {
    try {
      await this.#change(limitId, before, atPayi);
    } catch (error) {
      if (before.delta > 0n && !(error instanceof TableUncertainError))
        this.refreshLimits(new Map([[limitId, before.delta]]));
      this.#options.telemetry.warn('limit-not-refreshed', { limitId, ...describeError(error) });
    }
  }

  async #change(limitId: string, { state: before, delta }: Before, atPayi: PayiLimit | undefined): Promise<void> {
    const { clock, telemetry, crossed } = this.#options;
    const askedMs = clock.now();
    let level: number | undefined;
    let isMadeSince = false;
    const change = (now: StateRow) => {
      const next: StateRow = { ...now, reportedNano: now.reportedNano + delta };
      // Made in between, also again by `npm run rebuild`: the figure has more of our reports than can be told.
      isMadeSince = before === undefined && now.reportedNano > 0n;
      // A reset in between makes the figure one of the time before it.
      const usable = atPayi && !isMadeSince && now.epoch === (before?.epoch ?? 0) && askedMs >= now.payiAtMs;
      if (usable) {
        next.payiNano = spentAtPayi(atPayi);
        next.payiReportedNano = (before?.reportedNano ?? 0n) + delta;
        next.payiAtMs = askedMs;
        next.payiRequests = JSON.stringify(atPayi.totals?.requests ?? {});
      }
      level = next.maxNano === 0n ? undefined : moveLevel(next, next.maxNano, spentOf(next), askedMs);
      return isNews(now, next) ? { state: next } : undefined;
    };
    const state = await changeState(this.#options, limitId, change, before);
    if (level !== undefined) crossed(limitId, state);
    if (!atPayi) return;
    if (isMadeSince) {
      // Noted without another report, so that Pay-i is asked again soon.
      this.refreshLimits(new Map([[limitId, 0n]]));
      return;
    }
    const tags = { policy: parseLimitId(limitId)?.policyName ?? 'unknown' };
    telemetry.measure('limit-drift-usd', toUsd(state.payiNano - state.payiReportedNano), tags);
    if (before?.payiAtMs) telemetry.measure('limit-staleness-s', (askedMs - before.payiAtMs) / 1_000, tags);
  }
}

/** True when there is more to write down than the time of the look. */
const isNews = (now: StateRow, next: StateRow): boolean =>
  next.payiAtMs - now.payiAtMs >= REWRITE_MS || columns.some((column) => now[column] !== next[column]);
const columns = [
  'reportedNano',
  'payiNano',
  'payiReportedNano',
  'payiRequests',
  'level',
  'announced',
  'share',
] as const;

/** nano-USD. */
export const spentAtPayi = (limit: PayiLimit): bigint => fromUsd(limit.totals?.cost?.total?.base ?? 0);
