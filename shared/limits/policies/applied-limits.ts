import { type AppliedLimit, expandPolicies } from './limit-id.ts';
import type { Policy } from './policy.ts';
import type { ScopedCall } from './scope-keys.ts';
import { windowAt } from './window.ts';

const KEPT = 10_000;

/** The limits of calls, worked out once for all calls that are alike in what policies go by, while no period ends. */
export class AppliedLimits {
  readonly #policies: () => readonly Policy[];
  #known = new Map<string, AppliedLimit[]>();
  #knownFor: readonly Policy[] = [];
  /** Properties that policies go by. */
  #properties: string[] = [];
  /** ms, UTC. */
  #fromMs = 0;
  #toMs = 0;

  /** `policies`: as they are now; a changed list is another array. */
  constructor(policies: () => readonly Policy[]) {
    this.#policies = policies;
  }

  of(call: ScopedCall): AppliedLimit[] {
    const policies = this.#policies();
    const { occurredAtMs } = call;
    const isInside = this.#fromMs <= occurredAtMs && occurredAtMs < this.#toMs;
    if (policies !== this.#knownFor || !isInside || this.#known.size > KEPT) this.#begin(policies, occurredAtMs);
    const key = this.#keyOf(call);
    let limits = this.#known.get(key);
    if (!limits) {
      limits = expandPolicies(policies, call);
      this.#known.set(key, limits);
    }
    return limits;
  }

  #keyOf({ useCaseName, version, userId, accountName, keyName, models, properties }: ScopedCall): string {
    let key = `${useCaseName}\n${version ?? ''}\n${userId ?? ''}\n${accountName ?? ''}\n${keyName ?? ''}\n${models?.join() ?? ''}`;
    for (const name of this.#properties) key += `\n${properties?.[name] ?? ''}`;
    return key;
  }

  #begin(policies: readonly Policy[], atMs: number): void {
    const periods = policies.map((policy) => windowAt(policy, atMs));
    this.#known = new Map();
    this.#knownFor = policies;
    this.#properties = policies.flatMap(({ property }) => property ?? []);
    this.#fromMs = Math.max(...periods.map(({ fromMs }) => fromMs));
    this.#toMs = Math.min(...periods.map(({ toMs }) => toMs));
  }
}
