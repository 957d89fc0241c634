import { fromUsd, toUsd } from '../money.ts';
import { PayiError } from '../payi/error.ts';
import type { CreateLimit, Limits, PayiLimit } from '../payi/limits.ts';
import { describeError, type Telemetry } from '../telemetry.ts';
import { changeState, readState, type StateMeans } from './change-state.ts';
import { parseLimitId } from './limit-id.ts';
import { moveLevel, spentOf } from './limit-math.ts';
import type { StateRow } from './limit-rows.ts';
import type { PolicyBook } from './policy-book.ts';

export interface PayiMirrorOptions extends StateMeans {
  payi: Limits;
  policies: PolicyBook;
  telemetry: Telemetry;
  crossed(limitId: string, state: StateRow): void;
}

const AT_ONCE = 8;
/** A limit is asked for no more often. */
const SPACING_MS = 2_000;
const REMEMBERED = 20_000;

/** Keeps our limits and Pay-i's equal: makes them there, and learns from there what was spent. */
export class PayiMirror {
  readonly #options: PayiMirrorOptions;
  /** Limits that Pay-i knows, with the maximum that it was told. */
  readonly #ensured = new Map<string, number>();
  /** nano-USD ingested since the last refresh. */
  #reported = new Map<string, bigint>();
  readonly #refreshedMs = new Map<string, number>();

  constructor(options: PayiMirrorOptions) {
    this.#options = options;
  }

  /**
   * Makes the limits at Pay-i that it does not know yet. Call it before an event that names them is ingested. They are
   * made as `allow`, since Pay-i refuses events that count against block limits. Ids that are not ours are left alone.
   * @throws PayiError when one could not be made
   */
  async ensureLimits(limitIds: Iterable<string>): Promise<void> {
    if (this.#ensured.size > REMEMBERED) this.#ensured.clear();
    await each([...new Set(limitIds)], (limitId) => this.#ensure(limitId));
  }

  /**
   * Notes what was ingested (limit id to the sum of the events' own estimates, nano-USD) and reads the limits anew soon
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
    await each(due, (limitId) => this.refresh(limitId));
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

  async #ensure(limitId: string): Promise<void> {
    const { payi, policies } = this.#options;
    const known = this.#ensured.get(limitId);
    const policy = policies.find(parseLimitId(limitId)?.policyName ?? '');
    if (known !== undefined && (!policy || policy.maxUsd === known)) return;
    const wanted = await this.#wanted(limitId);
    if (!wanted) return;
    try {
      await payi.create(wanted);
    } catch (error) {
      if (!(error instanceof PayiError) || error.kind !== 'rejected') throw error;
      await this.#adjust(wanted, error);
    }
    this.#ensured.set(limitId, wanted.max);
  }

  /** Pay-i has it with other settings: only the maximum can be changed there, and not below what is spent. */
  async #adjust({ limit_id: limitId = '', max }: CreateLimit, refusal: PayiError): Promise<void> {
    const { payi, telemetry } = this.#options;
    const found = await payi.get(limitId);
    if (!found) throw refusal;
    if (found.max === max) return;
    try {
      await payi.update(limitId, { max });
    } catch (error) {
      if (!(error instanceof PayiError) || error.kind !== 'rejected') throw error;
      telemetry.warn('limit-not-changed-at-payi', { limitId, ...describeError(error) });
    }
  }

  async #wanted(limitId: string): Promise<CreateLimit | undefined> {
    const { policies, limits } = this.#options;
    const parts = parseLimitId(limitId);
    if (!parts) return undefined;
    const facts = { limit_id: limitId, limit_name: limitId, limit_type: 'allow' as const };
    const policy = policies.find(parts.policyName);
    if (policy) {
      const { maxUsd, threshold, type, scope, window, shadow } = policy;
      const properties = {
        policy: policy.name,
        enforced_type: type,
        scope,
        window,
        shadow: String(shadow),
        period: parts.period,
      };
      return { ...facts, max: maxUsd, ...(threshold !== undefined && { threshold }), properties };
    }
    const state = await readState(limits, limitId);
    if (!state || state.maxNano === 0n) return undefined;
    return { ...facts, max: toUsd(state.maxNano), properties: { policy: parts.policyName, period: parts.period } };
  }
}

/** nano-USD. */
export const spentAtPayi = (limit: PayiLimit): bigint => fromUsd(limit.totals?.cost?.total?.base ?? 0);

const policyOf = (limitId: string) => ({ policy: parseLimitId(limitId)?.policyName ?? 'unknown' });

async function each(limitIds: string[], work: (limitId: string) => Promise<void>): Promise<void> {
  const left = limitIds.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const limitId of left) await work(limitId);
    }),
  );
}
