import { expect } from 'vitest';
import { decideApproval } from '../../shared/limits/admin/approvals.ts';
import { resetLimit } from '../../shared/limits/admin/reset-limit.ts';
import { ApprovalBook } from '../../shared/limits/approvals/approval-book.ts';
import type { ApprovalRow } from '../../shared/limits/approvals/approval-rows.ts';
import type { BudgetGate } from '../../shared/limits/gate/budget-gate.ts';
import type { Hold } from '../../shared/limits/gate/gate.ts';
import { expireOwners } from '../../shared/limits/owners/expire-owners.ts';
import { LEASE_MS } from '../../shared/limits/owners/lease.ts';
import type { OwnerRow } from '../../shared/limits/owners/owner-rows.ts';
import type { PolicyRow } from '../../shared/limits/policies/changes/policy-rows.ts';
import { expandPolicies } from '../../shared/limits/policies/limit-id.ts';
import { noOverrides, type Overrides, overrideId } from '../../shared/limits/policies/overrides/override.ts';
import { type Policy, policySchema } from '../../shared/limits/policies/policy.ts';
import { PolicyBook } from '../../shared/limits/policies/policy-book.ts';
import { firstKeyOf } from '../../shared/limits/policies/scope-keys.ts';
import type { CallAmounts } from '../../shared/limits/policies/units.ts';
import { changeState } from '../../shared/limits/state/change-state.ts';
import { placeOf } from '../../shared/limits/state/limit-place.ts';
import type { AllocationRow, LimitRow } from '../../shared/limits/state/limit-rows.ts';
import type { Limits } from '../../shared/payi/limits.ts';
import type { Tables } from '../../shared/tables/table.ts';
import { costing, toolsCosting } from '../support/amounts.ts';
import { LeapingClock } from '../support/manual-clock.ts';
import { type Fate, MemoryTables } from '../support/memory-tables.ts';
import { call, makeGate, noon, policy, quiet, searching, stateOf, totalOf, usd } from './helpers.ts';
import type { Scope, Step } from './interleaving-steps.ts';

const max = usd(1);

/** Two users whose limits share a partition. */
const limitOf = (userId: string) => {
  const at = { useCaseName: 'trail_finder', userId, occurredAtMs: noon };
  return expandPolicies([policy({ scope: 'user', window: 'none' })], at)[0]?.limitId ?? '';
};
const USER = 'user-0';
const neighbour = Array.from({ length: 1_000 }, (_, at) => `user-${at + 1}`).find(
  (other) => placeOf(limitOf(other)).partitionKey === placeOf(limitOf(USER)).partitionKey,
);

interface OpenCall {
  hold: Hold;
  actual: bigint;
  gate: BudgetGate;
  settled: boolean;
  /** Settled, and what it missed is written. */
  done: boolean;
  /** A reset cleared what its process was thought to have left. */
  forgiven: boolean;
}

const missOf = ({ hold, actual }: OpenCall): bigint => (actual > hold.heldNanoUsd ? actual - hold.heldNanoUsd : 0n);

/** A quarter of tokens of which calls use as many as nano-USD. */
const tokens = policySchema.parse({
  name: 'tokens',
  scope: 'user+use_case',
  window: 'quarter',
  zone: 'America/New_York',
  unit: 'tokens',
  max: Number(max),
  type: 'block',
});

/** Little, so that many calls have no room. */
const LITTLE_USD = 0.2;
const byScope: Record<Scope, () => Policy[]> = {
  global: () => [policy({ window: 'none', maxUsd: 1 })],
  user: () => [policy({ scope: 'user', window: 'none', maxUsd: 1 })],
  units: () => [policy({ window: 'none', maxUsd: 1 }), tokens],
  changes: () => [policy({ scope: 'user', window: 'none', maxUsd: 1 })],
  fall_back: () => [policy({ type: 'fall_back', window: 'none', maxUsd: LITTLE_USD })],
  approvals: () => [policy({ type: 'ask', scope: 'user', window: 'none', maxUsd: LITTLE_USD })],
};
const ofUsers: readonly Scope[] = ['user', 'changes', 'approvals'];
/** Each write of these is seen by itself. */
const watched: readonly Scope[] = ['changes', 'approvals'];

const both = (amount: bigint): CallAmounts => ({ ...costing(amount), inputTokens: amount });

/** Three processes on one limit, with requests of random speed and fate. */
export class World {
  readonly tables = new MemoryTables();
  readonly clock = new LeapingClock();
  /** What calls really cost since the last reset, as far as it was held for them: the truth. */
  spent = 0n;
  readonly abandoned = new Set<string>();
  readonly open: OpenCall[] = [];
  crashedHolds: Hold[] = [];
  /** The calls in flight when the limit last had room, and those that were let through since. */
  #sinceRoom = new Set<OpenCall>();
  readonly background: Promise<unknown>[] = [];
  /** Holds that were given, those of dead processes too, that are not settled. */
  gates: { gate: BudgetGate; dead: { is: boolean } }[];
  #request = 0;
  #heldNano = 0n;
  readonly wrongGrants: string[] = [];
  /** Writes of what calls missed that Table Storage did not take: the next tick writes them. */
  #missesNotWritten = 0;

  /** The limit that is looked at. */
  readonly limitId: string;
  policies: Policy[];
  overrides: Overrides = noOverrides;
  /** What approvals raise. */
  readonly book: PolicyBook;
  /** The largest maximum that the limit had. */
  #max: bigint;

  constructor(
    readonly fates: Fate[],
    readonly delays: number[],
    readonly scope: Scope = 'global',
    /** No time passes while a request is under way; else most calls wait for the table in vain. */
    readonly isPatient = false,
  ) {
    this.policies = byScope[scope]();
    this.limitId = ofUsers.includes(scope) ? limitOf(USER) : 'daily:always';
    this.#max = scope === 'approvals' || scope === 'fall_back' ? usd(LITTLE_USD) : max;
    this.book = new PolicyBook(this.tables.open<PolicyRow>('limitpolicies'), this.policies, this.clock);
    this.gates = [0, 1, 2].map(() => this.start());
  }

  start() {
    const dead = { is: false };
    const client = this.tables.client({
      before: async () => {
        const turn = this.#request++;
        if (this.isPatient) this.clock.underWay += 1;
        for (let wait = this.delays[turn % this.delays.length] ?? 0; wait > 0; wait--) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (this.isPatient) this.clock.underWay -= 1;
        // A dead process neither sends nor hears anything; what was on its way may still arrive.
        if (dead.is && turn % 2 === 0) return new Promise<Fate>(() => undefined);
        if (watched.includes(this.scope)) {
          // Each write is seen by itself: it happens before the next request gets here.
          await new Promise((resolve) => setImmediate(resolve));
          this.checkGrant();
        }
        return this.fates[turn % this.fates.length] ?? 'answered';
      },
    });
    const approvals = this.approvalsOver(client);
    return {
      gate: makeGate(client, {
        clock: this.clock,
        policies: () => this.policies,
        overrides: () => (this.scope === 'approvals' ? this.book.overrides() : this.overrides),
        ask: (request) => approvals.ask(request),
        telemetry: {
          ...quiet,
          warn: (event) => {
            if (event === 'miss-not-written') this.#missesNotWritten++;
          },
        },
      }),
      dead,
    };
  }

  approvalsOver(tables: Tables): ApprovalBook {
    return new ApprovalBook({
      table: tables.open<ApprovalRow>('limitapprovals'),
      announce: async () => undefined,
      clock: this.clock,
      telemetry: quiet,
    });
  }

  check(): void {
    this.checkLimit(this.limitId);
    const at = { useCaseName: 'trail_finder', userId: USER, occurredAtMs: noon };
    if (this.scope === 'units') this.checkLimit(expandPolicies([tokens], at)[0]?.limitId ?? '');
  }

  /** Whatever the maximum was before, more is held only where that fits into the maximum with which it is written. */
  checkGrant(): void {
    const rows = this.tables.rows<LimitRow>('limits');
    if (!rows.some((row) => 'level' in row && row.limitId === this.limitId)) return;
    const state = stateOf(this.tables, this.limitId);
    if (state.heldNano > this.#heldNano && totalOf(state) > state.maxNano)
      this.wrongGrants.push(`${totalOf(state)} of ${state.maxNano}`);
    this.#heldNano = state.heldNano;
  }

  checkLimit(limitId: string): void {
    const rows = this.tables.rows<LimitRow>('limits');
    if (!rows.some((row) => 'level' in row && row.limitId === limitId)) return;
    const state = stateOf(this.tables, limitId);
    const slices = rows.filter(
      (row): row is AllocationRow & { etag: string } => 'amountNano' in row && row.sliceOf === limitId,
    );
    // L1: past the largest maximum that it had only by what calls cost beyond their holds that were in flight then or let through since.
    const over = totalOf(state) - this.#max;
    if (over <= 0n) this.#sinceRoom = new Set(this.open.filter(({ done }) => !done));
    expect(over).toBeLessThanOrEqual([...this.#sinceRoom].reduce((sum, one) => sum + missOf(one), 0n));
    expect(this.wrongGrants).toEqual([]);
    // The books add up.
    expect(slices.reduce((sum, slice) => sum + slice.amountNano, 0n)).toBe(state.heldNano);
    expect(slices.reduce((sum, slice) => sum + slice.idleNano, 0n)).toBe(state.idleNano);
    // Nothing that was spent or is held in flight is forgotten.
    const inFlight = [...this.open.filter(({ settled, forgiven }) => !settled && !forgiven).map(({ hold }) => hold)];
    const held = [...inFlight, ...this.crashedHolds].reduce((sum, { heldNanoUsd }) => sum + heldNanoUsd, 0n);
    expect(totalOf(state)).toBeGreaterThanOrEqual(this.spent + held + state.missedNano);
  }

  async run(step: Step): Promise<void> {
    switch (step.do) {
      case 'call': {
        const entry = this.gates[step.at];
        if (!entry) return;
        const bound = usd(step.bound / 1_000);
        if (ofUsers.includes(this.scope)) this.background.push(this.#callOfNeighbour(entry.gate, bound));
        const forms = this.scope === 'fall_back' ? [bound / 3n, bound / 20n] : [];
        const cheaper = () => forms.map((form) => call(form, { userId: USER, bound: both(form) }));
        const facts = { userId: USER, bound: both(bound), cheaper, ...(step.learned && searching(0n)) };
        const holding = entry.gate.hold(call(bound, facts)).then(
          (hold) => {
            if (entry.dead.is) return;
            const asked = hold.fellBack ? (forms[hold.fellBack.place] ?? 0n) : bound;
            const actual = (asked * BigInt(step.share)) / 100n;
            const one = { hold, actual, gate: entry.gate, settled: false, done: false, forgiven: false };
            this.open.push(one);
            this.#sinceRoom.add(one);
          },
          () => undefined,
        );
        this.background.push(holding);
        return;
      }
      case 'settle': {
        const one = this.open.filter(({ settled }) => !settled)[step.place];
        if (!one) return;
        one.settled = true;
        if (!one.forgiven) this.spent += one.actual - missOf(one);
        const before = this.#missesNotWritten;
        await one.hold.settle(both(one.actual), 'succeeded', toolsCosting(one.actual));
        one.done = this.#missesNotWritten === before;
        return;
      }
      case 'cover': {
        const one = this.open.filter(({ settled }) => !settled)[step.place];
        if (one) this.background.push(one.hold.cover(toolsCosting(usd(step.amount / 1_000))).catch(() => undefined));
        return;
      }
      case 'change': {
        const facts = { maxUsd: step.share / 100 };
        const one = { policy: 'daily', name: USER, key: firstKeyOf('user', USER), ...facts };
        if (step.isOverride) this.overrides = new Map([[overrideId(one), one]]);
        else {
          this.policies = this.policies.map((before) => ({ ...before, ...facts }));
          this.overrides = noOverrides;
        }
        return;
      }
      case 'decide':
        await this.decide(step.place, step.isApproved);
        return;
      case 'tick':
      case 'close': {
        const gate = this.gates[step.at]?.gate;
        if (!gate) return;
        const settledBefore = this.open.filter((one) => one.gate === gate && one.settled);
        const written = gate[step.do]().then(
          () => {
            for (const one of settledBefore) one.done = true;
          },
          () => undefined,
        );
        this.background.push(written);
        return;
      }
      case 'crash': {
        const entry = this.gates[step.at];
        if (!entry) return;
        entry.dead.is = true;
        for (const one of this.open) {
          if (one.gate !== entry.gate || one.settled) continue;
          one.settled = true;
          one.done = true;
          if (!one.forgiven) this.crashedHolds.push(one.hold);
        }
        this.gates[step.at] = this.start();
        return;
      }
      case 'expire':
        await this.expire();
        return;
      case 'payi':
        if (this.scope !== 'units') await this.refresh();
        return;
      case 'reset':
        if (this.scope !== 'units') await this.reset();
        return;
      case 'pass':
        await this.clock.pass(2_000);
        return;
      case 'pass-long':
        await this.clock.pass(LEASE_MS * 2);
    }
  }

  #means() {
    return { limits: this.tables.open<LimitRow>('limits'), clock: this.clock, random: () => 0.5 };
  }

  /** Pay-i has seen half of what was settled, and this is written down as a refresh does it. */
  async refresh(): Promise<void> {
    await changeState(this.#means(), this.limitId, (state) => {
      const seen = state.settledNano / 2n;
      return { state: { ...state, reportedNano: seen, payiNano: seen, payiReportedNano: seen, payiAtMs: noon } };
    });
  }

  /** The maximum that the limit has by it is one that calls may reach. */
  async decide(place: number, isApproved: boolean): Promise<void> {
    const approvals = this.approvalsOver(this.tables);
    const pending = (await approvals.list(true))
      .filter(({ limitId }) => limitId === this.limitId)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const one = pending[place % Math.max(1, pending.length)];
    if (!one) return;
    const service = { ...this.#means(), approvals, policies: this.book, writeDown: async () => undefined };
    const { after } = await decideApproval(
      service,
      one.id,
      { who: 'ops', ifMatch: '*' },
      isApproved ? 'approve' : 'deny',
    );
    const raised = usd((after.unit === 'usd' && after.maxUsd) || 0);
    if (raised > this.#max) this.#max = raised;
  }

  /** What a reset clears is forgiven: costs that are written, and what was taken over from processes that died. */
  async reset(): Promise<void> {
    const payi = { reset: async () => undefined } as unknown as Limits;
    const before = this.tables.rows<LimitRow>('limits').find((row) => 'level' in row && row.limitId === this.limitId);
    if (!before) return;
    for (const one of this.open) one.forgiven ||= stateOf(this.tables, this.limitId).abandonedNano > 0n;
    await resetLimit({ ...this.#means(), payi }, this.limitId, 'ops');
    this.spent = 0n;
    this.crashedHolds = [];
  }

  /** Its writes share requests with those of the limit that is looked at. */
  async #callOfNeighbour(gate: BudgetGate, bound: bigint): Promise<void> {
    try {
      const hold = await gate.hold(call(bound, { userId: neighbour ?? 'none' }));
      await hold.settle(costing(bound), 'succeeded');
    } catch {
      // Refused, unreadable or of a dead process: it is not looked at.
    }
  }

  async expire(): Promise<void> {
    await expireOwners({
      ...this.#means(),
      holders: this.tables.open<OwnerRow>('limitholders'),
      publisher: {
        publish: async ({ eventId }) => {
          this.abandoned.add(eventId);
          return 'queued';
        },
        close: async () => undefined,
      },
      crossed: () => undefined,
      telemetry: quiet,
    });
  }
}
