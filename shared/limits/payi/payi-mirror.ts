import type { Limits, PayiLimit } from '../../payi/limits.ts';
import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import { inParallel } from '../../util/in-parallel.ts';
import { fromUsd, toUsd } from '../../util/money.ts';
import { parseLimitId } from '../policies/limit-id.ts';
import { changeState, readState, type StateDeps } from '../state/change-state.ts';
import { moveLevel, spentOf } from '../state/limit-math.ts';
import type { StateRow } from '../state/limit-rows.ts';

export interface PayiMirrorOptions extends StateDeps {
  payi: Pick<Limits, 'get'>;
  telemetry: Telemetry;
  crossed(limitId: string, state: StateRow): void;
}

const AT_ONCE = 8;
/** A limit is asked for no more often. */
const SPACING_MS = 2_000;
const REMEMBERED = 20_000;

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
      this.#reported.set(limitId, (this.#reported.get(limitId) ?? 0n) + nano);
    }
  }

  /** Refreshes what was noted; with `now` undefined all of it, else what was not refreshed just before. */
  async flush(now?: number): Promise<void> {
    const due = [...this.#reported.keys()].filter(
      (limitId) => now === undefined || now - (this.#refreshedMs.get(limitId) ?? 0) >= SPACING_MS,
    );
    if (this.#refreshedMs.size > REMEMBERED) this.#refreshedMs.clear();
    await inParallel(due, AT_ONCE, (limitId) => this.refresh(limitId));
  }

  /** Reads one limit at Pay-i. What was ingested before counts as seen by Pay-i from then on. */
  async refresh(limitId: string): Promise<void> {
    const { limits, clock, telemetry, payi, crossed } = this.#options;
    const delta = this.#reported.get(limitId) ?? 0n;
    this.#reported.delete(limitId);
    this.#refreshedMs.set(limitId, clock.now());
    const before = await readState(limits, limitId);
    const atPayi = await payi.get(limitId).catch((error: unknown) => {
      telemetry.warn('limit-not-refreshed', { limitId, ...describeError(error) });
      return undefined;
    });
    const askedMs = clock.now();
    let level: number | undefined;
    const state = await changeState(this.#options, limitId, (now) => {
      const next: StateRow = { ...now, reportedNano: now.reportedNano + delta };
      // A reset in between makes the figure one of the time before it.
      const usable = atPayi && now.epoch === (before?.epoch ?? 0) && askedMs >= now.payiAtMs;
      if (usable) {
        next.payiNano = spentAtPayi(atPayi);
        next.payiReportedNano = (before?.reportedNano ?? 0n) + delta;
        next.payiAtMs = askedMs;
        next.payiRequests = JSON.stringify(atPayi.totals?.requests ?? {});
      }
      level = next.maxNano === 0n ? undefined : moveLevel(next, next.maxNano, spentOf(next), askedMs);
      return { state: next };
    });
    if (level !== undefined) crossed(limitId, state);
    if (atPayi) {
      telemetry.measure('limit-drift-usd', toUsd(state.payiNano - state.payiReportedNano), policyOf(limitId));
      if (before?.payiAtMs)
        telemetry.measure('limit-staleness-s', (askedMs - before.payiAtMs) / 1_000, policyOf(limitId));
    }
  }
}

/** nano-USD. */
export const spentAtPayi = (limit: PayiLimit): bigint => fromUsd(limit.totals?.cost?.total?.base ?? 0);

const policyOf = (limitId: string) => ({ policy: parseLimitId(limitId)?.policyName ?? 'unknown' });
