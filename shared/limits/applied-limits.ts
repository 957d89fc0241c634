import type { Policy } from '../config/policy.ts';
import type { HoldRequest } from './gate.ts';
import { type AppliedLimit, expandPolicies } from './limit-id.ts';

const KEPT = 10_000;
const DAY_MS = 86_400_000;

/** The limits of calls, worked out once for all calls of a user, account and use case on one day. */
export class AppliedLimits {
  readonly #policies: () => readonly Policy[];
  #known = new Map<string, AppliedLimit[]>();
  #knownFor: readonly Policy[] = [];
  #knownDay = -1;

  /** `policies`: as they are now; a changed list is another array. */
  constructor(policies: () => readonly Policy[]) {
    this.#policies = policies;
  }

  of(request: HoldRequest): AppliedLimit[] {
    const policies = this.#policies();
    const day = Math.floor(request.occurredAtMs / DAY_MS);
    if (policies !== this.#knownFor || day !== this.#knownDay || this.#known.size > KEPT) {
      this.#known = new Map();
      this.#knownFor = policies;
      this.#knownDay = day;
    }
    const key = `${request.useCaseName}\n${request.userId ?? ''}\n${request.accountName ?? ''}`;
    let limits = this.#known.get(key);
    if (!limits) {
      limits = expandPolicies(policies, request);
      this.#known.set(key, limits);
    }
    return limits;
  }
}
