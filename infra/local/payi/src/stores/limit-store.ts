import { randomUUID } from 'node:crypto';
import { Refusal } from '../http/api-error.ts';
import { toPico } from '../ingest/prices.ts';

export type LimitType = 'block' | 'allow';
export type LimitState = 'ok' | 'exceeded' | 'overrun' | 'failed';

export interface Limit {
  id: string;
  name: string;
  type: LimitType;
  /** pico-USD. */
  max: number;
  /** Share of `max`; unset behaves as 1. */
  threshold: number | undefined;
  /** ms, UTC. */
  created: number;
  updated: number;
  /** pico-USD spent since creation or the last reset. */
  input: number;
  output: number;
  requests: Record<LimitState, number>;
}

export interface LimitSettings {
  limit_id?: string | undefined;
  limit_name: string;
  /** USD. */
  max: number;
  limit_type?: LimitType | undefined;
  threshold?: number | null | undefined;
  properties?: Record<string, string | null> | null | undefined;
}

/** Limits by id. A limit is an accumulator: it counts the requests that name it and knows nothing of users or periods. */
export class LimitStore {
  readonly #byId = new Map<string, Limit>();
  readonly #byName = new Map<string, Limit>();
  #sets = new Map<string, Limit[]>();

  all(): Limit[] {
    return [...this.#byId.values()];
  }

  named(name: string): Limit[] {
    const limit = this.#byName.get(name);
    return limit ? [limit] : [];
  }

  find(id: string): Limit | undefined {
    return this.#byId.get(id);
  }

  get(id: string): Limit {
    const limit = this.#byId.get(id);
    if (!limit) throw new Refusal(400, 'limit_not_found', 'There is no limit with this id.');
    return limit;
  }

  /** Idempotent for a known id with the same maximum, threshold and type. */
  create(settings: LimitSettings, now: number): { limit: Limit; created: boolean } {
    const max = checkedMax(settings.max);
    const threshold = checkedThreshold(settings.threshold ?? undefined);
    const type = settings.limit_type ?? 'allow';
    const known = settings.limit_id === undefined ? undefined : this.#byId.get(settings.limit_id);
    if (known) {
      if (known.max === max && known.threshold === threshold && known.type === type)
        return { limit: known, created: false };
      throw new Refusal(400, 'create_limit_validation_failed', 'The limit exists with other settings.');
    }
    this.#freeName(settings.limit_name);
    const limit: Limit = {
      id: settings.limit_id ?? randomUUID(),
      name: settings.limit_name,
      type,
      max,
      threshold,
      created: now,
      updated: now,
      input: 0,
      output: 0,
      requests: { ok: 0, exceeded: 0, overrun: 0, failed: 0 },
    };
    this.#byId.set(limit.id, limit);
    this.#byName.set(limit.name, limit);
    return { limit, created: true };
  }

  /** @throws Refusal for settings that no limit can have. */
  check({ max, threshold }: Pick<LimitSettings, 'max' | 'threshold'>): void {
    checkedMax(max);
    checkedThreshold(threshold ?? undefined);
  }

  update(
    id: string,
    change: { limit_name?: string | null | undefined; max?: number | null | undefined },
    now: number,
  ): Limit {
    const limit = this.get(id);
    const max = change.max === undefined || change.max === null ? limit.max : checkedMax(change.max);
    if (max < limit.input + limit.output) {
      throw new Refusal(400, 'invalid_max_limit_update', 'The maximum is below what is spent.');
    }
    if (change.limit_name && change.limit_name !== limit.name) {
      this.#freeName(change.limit_name);
      this.#byName.delete(limit.name);
      limit.name = change.limit_name;
      this.#byName.set(limit.name, limit);
    }
    limit.max = max;
    limit.updated = now;
    return limit;
  }

  remove(id: string): void {
    const limit = this.get(id);
    this.#byId.delete(id);
    this.#byName.delete(limit.name);
    this.#sets = new Map();
  }

  /** Sets what is spent and the counters to 0. */
  reset(id: string): void {
    const limit = this.get(id);
    limit.input = 0;
    limit.output = 0;
    limit.requests = { ok: 0, exceeded: 0, overrun: 0, failed: 0 };
  }

  /** The limits that an event names, the same array for the same names; undefined when one of them is unknown. */
  set(ids: readonly string[]): Limit[] | undefined {
    const key = ids.join('\n');
    const known = this.#sets.get(key);
    if (known) return known;
    const found = ids.flatMap((id) => this.#byId.get(id) ?? []);
    if (found.length < ids.length) return undefined;
    this.#sets.set(key, found);
    return found;
  }

  #freeName(name: string): void {
    if (this.#byName.has(name)) throw new Refusal(400, 'limit_name_already_exist', 'Another limit has this name.');
  }
}

/** Adds a request's cost and counts it under the state that the limit has after that. */
export function countRequest(limit: Limit, input: number, output: number, failed: boolean): LimitState {
  limit.input += input;
  limit.output += output;
  const state = failed ? 'failed' : stateOf(limit);
  limit.requests[state] += 1;
  return state;
}

export function stateOf(limit: Limit): LimitState {
  const spent = limit.input + limit.output;
  if (spent > limit.max) return 'overrun';
  return spent < (limit.threshold ?? 1) * limit.max ? 'ok' : 'exceeded';
}

function checkedMax(usd: number): number {
  if (usd > 0) return toPico(usd);
  throw new Refusal(400, 'invalid_max_limit', 'The maximum has to be above 0.');
}

function checkedThreshold(share: number | undefined): number | undefined {
  if (share === undefined || (share >= 0.75 && share <= 0.99)) return share;
  throw new Refusal(400, 'create_limit_validation_failed', 'The threshold is a share of the maximum, 0.75 to 0.99.');
}
