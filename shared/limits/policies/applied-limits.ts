import { type AppliedLimit, expandPolicies, type ScopedCall } from './limit-id.ts';
import type { Policy } from './policy.ts';
import { windowAt } from './window.ts';

const KEPT = 10_000;

/** The limits of calls, worked out once for all calls of a user, account, access key and use case while no period ends. */
export class AppliedLimits {
  readonly #policies: () => readonly Policy[];
  #known = new Map<string, AppliedLimit[]>();
  #knownFor: readonly Policy[] = [];
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
    const key = `${call.useCaseName}\n${call.userId ?? ''}\n${call.accountName ?? ''}\n${call.keyName ?? ''}`;
    let limits = this.#known.get(key);
    if (!limits) {
      limits = expandPolicies(policies, call);
      this.#known.set(key, limits);
    }
    return limits;
  }

  #begin(policies: readonly Policy[], atMs: number): void {
    const periods = policies.map((policy) => windowAt(policy, atMs));
    this.#known = new Map();
    this.#knownFor = policies;
    this.#fromMs = Math.max(...periods.map(({ fromMs }) => fromMs));
    this.#toMs = Math.min(...periods.map(({ toMs }) => toMs));
  }
}
