import { type AppliedLimit, expandPolicies, type ScopedCall } from './limit-id.ts';
import type { Policy } from './policy.ts';

const KEPT = 10_000;
const DAY_MS = 86_400_000;

/** The limits of calls, worked out once for all calls of a user, account, access key and use case on one day. */
export class AppliedLimits {
  readonly #policies: () => readonly Policy[];
  #known = new Map<string, AppliedLimit[]>();
  #knownFor: readonly Policy[] = [];
  #knownDay = -1;

  /** `policies`: as they are now; a changed list is another array. */
  constructor(policies: () => readonly Policy[]) {
    this.#policies = policies;
  }

  of(call: ScopedCall): AppliedLimit[] {
    const policies = this.#policies();
    const day = Math.floor(call.occurredAtMs / DAY_MS);
    if (policies !== this.#knownFor || day !== this.#knownDay || this.#known.size > KEPT) {
      this.#known = new Map();
      this.#knownFor = policies;
      this.#knownDay = day;
    }
    const key = `${call.useCaseName}\n${call.userId ?? ''}\n${call.accountName ?? ''}\n${call.keyName ?? ''}`;
    let limits = this.#known.get(key);
    if (!limits) {
      limits = expandPolicies(policies, call);
      this.#known.set(key, limits);
    }
    return limits;
  }
}
