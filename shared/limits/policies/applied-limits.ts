import { type AppliedLimit, expandPolicies } from './limit-id.ts';
import { noOverrides, type Overrides, overrideEndMs } from './overrides/override.ts';
import type { Policy } from './policy.ts';
import type { ScopedCall } from './scope-keys.ts';
import { windowAt } from './window.ts';

const KEPT = 10_000;

/** The limits of calls, worked out once for all calls that are alike in what policies go by, while no period and no override ends. */
export class AppliedLimits {
  readonly #policies: () => readonly Policy[];
  readonly #overrides: () => Overrides;
  #known = new Map<string, AppliedLimit[]>();
  #knownFor: readonly Policy[] = [];
  #overridesThen: Overrides = noOverrides;
  /** Properties that policies go by. */
  #properties: string[] = [];
  /** ms, UTC. */
  #fromMs = 0;
  #toMs = 0;

  /** `policies` and `overrides`: as they are now; a changed list is another object. */
  constructor(policies: () => readonly Policy[], overrides: () => Overrides = () => noOverrides) {
    this.#policies = policies;
    this.#overrides = overrides;
  }

  of(call: ScopedCall): AppliedLimit[] {
    const policies = this.#policies();
    const overrides = this.#overrides();
    const { occurredAtMs } = call;
    const isInside = this.#fromMs <= occurredAtMs && occurredAtMs < this.#toMs;
    const isSame = policies === this.#knownFor && overrides === this.#overridesThen;
    if (!isSame || !isInside || this.#known.size > KEPT) this.#begin(policies, overrides, occurredAtMs);
    const key = this.#keyOf(call);
    let limits = this.#known.get(key);
    if (!limits) {
      limits = expandPolicies(policies, call, overrides);
      this.#known.set(key, limits);
    }
    return limits;
  }

  #keyOf({ useCaseName, version, userId, accountName, keyName, models, properties }: ScopedCall): string {
    let key = `${useCaseName}\n${version ?? ''}\n${userId ?? ''}\n${accountName ?? ''}\n${keyName ?? ''}\n${models?.join() ?? ''}`;
    for (const name of this.#properties) key += `\n${properties?.[name] ?? ''}`;
    return key;
  }

  #begin(policies: readonly Policy[], overrides: Overrides, atMs: number): void {
    const periods = policies.map((policy) => windowAt(policy, atMs));
    const ends = [...overrides.values()].map(overrideEndMs);
    this.#known = new Map();
    this.#knownFor = policies;
    this.#overridesThen = overrides;
    this.#properties = policies.flatMap(({ property }) => property ?? []);
    this.#fromMs = Math.max(...periods.map(({ fromMs }) => fromMs), ...ends.filter((ms) => ms <= atMs));
    this.#toMs = Math.min(...periods.map(({ toMs }) => toMs), ...ends.filter((ms) => ms > atMs));
  }
}
