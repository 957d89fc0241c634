import type { CreateLimit, Limits } from '../../payi/limits.ts';
import { PayiError } from '../../payi/transport/error.ts';
import type { Table } from '../../tables/table.ts';
import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import { inParallel } from '../../util/in-parallel.ts';
import { toUsd } from '../../util/money.ts';
import { parseLimitId } from '../policies/limit-id.ts';
import { existsAtPayi } from '../policies/policy.ts';
import type { PolicyBook } from '../policies/policy-book.ts';
import { readState } from '../state/change-state.ts';
import type { LimitRow } from '../state/limit-rows.ts';
import { countingLimit, limitAtPayi } from './limit-at-payi.ts';

export interface LimitCreatorOptions {
  limits: Table<LimitRow>;
  payi: Limits;
  policies: PolicyBook;
  telemetry: Telemetry;
}

const AT_ONCE = 8;
const REMEMBERED = 20_000;

/** Makes our limits at Pay-i, off the way of a call. */
export class LimitCreator {
  readonly #options: LimitCreatorOptions;
  /** Limits that Pay-i knows, with the maximum that it was told. */
  readonly #ensured = new Map<string, number>();

  constructor(options: LimitCreatorOptions) {
    this.#options = options;
  }

  /**
   * Makes the limits at Pay-i that it does not know yet. Call it before an event that names them is ingested. They are
   * made as `allow`, since Pay-i refuses events that count against block limits. Ids that are not ours are left alone.
   * @throws PayiError when one could not be made
   */
  async ensure(limitIds: Iterable<string>): Promise<void> {
    if (this.#ensured.size > REMEMBERED) this.#ensured.clear();
    await inParallel([...new Set(limitIds)], AT_ONCE, (limitId) => this.#ensureOne(limitId));
  }

  async #ensureOne(limitId: string): Promise<void> {
    const { payi, policies } = this.#options;
    const known = this.#ensured.get(limitId);
    const found = policies.find(parseLimitId(limitId)?.policyName ?? '');
    const policy = found && policies.forLimit(found, limitId);
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
    const policy = policies.find(parts.policyName);
    if (policy && existsAtPayi(policy)) return limitAtPayi(limitId, policies.forLimit(policy, limitId), parts.period);
    const state = await readState(limits, limitId);
    if (!state || state.maxNano === 0n) return undefined;
    return {
      ...countingLimit(limitId),
      max: toUsd(state.maxNano),
      properties: { policy: parts.policyName, period: parts.period },
    };
  }
}
