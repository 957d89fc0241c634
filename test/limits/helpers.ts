import type { Alert } from '../../shared/limits/alerts/alert.ts';
import { AlertOutbox, type AlertRow } from '../../shared/limits/alerts/alert-outbox.ts';
import { webhookReceiver } from '../../shared/limits/alerts/alert-receivers.ts';
import type { AlertTarget } from '../../shared/limits/alerts/alert-targets.ts';
import { ThresholdAlerts } from '../../shared/limits/alerts/threshold-alerts.ts';
import { BudgetGate, type BudgetGateOptions } from '../../shared/limits/gate/budget-gate.ts';
import type { Gate, HoldRequest, ServerToolsBound } from '../../shared/limits/gate/gate.ts';
import { type LearnedRow, LearnedStore } from '../../shared/limits/gate/learned-store.ts';
import type { OwnerRow } from '../../shared/limits/owners/owner-rows.ts';
import { noOverrides, type Overrides } from '../../shared/limits/policies/overrides/override.ts';
import { type Policy, policySchema } from '../../shared/limits/policies/policy.ts';
import { groupWrites } from '../../shared/limits/state/group-writes.ts';
import { spentOf } from '../../shared/limits/state/limit-math.ts';
import { stateKey } from '../../shared/limits/state/limit-place.ts';
import type { LimitRow, StateRow } from '../../shared/limits/state/limit-rows.ts';
import type { Table, Tables } from '../../shared/tables/table.ts';
import type { Telemetry } from '../../shared/telemetry/telemetry.ts';
import { type Clock, systemClock } from '../../shared/util/clock.ts';
import { costing, toolsCosting } from '../support/amounts.ts';
import { ManualClock } from '../support/manual-clock.ts';
import type { MemoryTables } from '../support/memory-tables.ts';

export const noon = Date.parse('2026-11-23T12:00:00Z');
export const usd = (amount: number): bigint => BigInt(Math.round(amount * 1e9));

/** Runs from noon of today on, so that no day ends while a test is under way. */
export function clockFromNoon(): Clock {
  const startMs = Date.now();
  const dayMs = 86_400_000;
  const noonMs = (Math.floor(startMs / dayMs) + 0.5) * dayMs;
  return { ...systemClock, now: () => noonMs + Date.now() - startMs };
}

/** Ticks a gate twice a second until told to stop. */
export function keepTicking(gate: BudgetGate, clock: Clock): () => void {
  let stopped = false;
  void (async () => {
    for (;;) {
      await clock.sleep(500);
      if (stopped) return;
      await gate.tick();
    }
  })();
  return () => {
    stopped = true;
  };
}

export const quiet: Telemetry = { info() {}, warn() {}, error() {}, count() {}, measure() {} };

export interface Recorded extends Telemetry {
  lines: string[];
}

export function recorder(): Recorded {
  const lines: string[] = [];
  const line = (name: string) => void lines.push(name);
  return { lines, info: line, warn: line, error: line, count: line, measure: line };
}

export const policy = (facts: Partial<Policy> = {}): Policy =>
  policySchema.parse({ name: 'daily', scope: 'global', window: 'day', maxUsd: 5, type: 'block', ...facts });

/** Alerts to one receiver, which answers with a status; `posts` has the bodies in their order. */
export function alertsTo(
  tables: Tables,
  facts: {
    clock: Clock;
    telemetry?: Telemetry;
    status?: () => number;
    limits?: Table<LimitRow>;
    targets?: AlertTarget[];
  },
) {
  const {
    clock,
    telemetry = quiet,
    status = () => 200,
    targets = [{ url: 'http://hook.invalid/', format: 'json' }],
  } = facts;
  const posts: { url: string; body: string; headers: Record<string, string>; status: number }[] = [];
  const outbox = new AlertOutbox({
    table: tables.open<AlertRow>('limitalerts'),
    receivers: targets.map(webhookReceiver),
    allowPrivate: false,
    clock,
    telemetry,
    post: async ({ url, body, headers }) => {
      const answer = status();
      posts.push({ url, body, headers, status: answer });
      return answer;
    },
  });
  const limits = facts.limits ?? tables.open<LimitRow>('limits');
  const alerts = new ThresholdAlerts({ limits, clock, random: () => 0.5, telemetry, outbox });
  const taken = () => posts.filter(({ status: answer }) => answer < 300).map(({ body }) => JSON.parse(body) as Alert);
  return { outbox, alerts, posts, taken };
}

export interface GateFacts {
  /** Or what they are at the time. */
  policies?: readonly Policy[] | (() => readonly Policy[]);
  overrides?: () => Overrides;
  clock?: Clock;
  telemetry?: Telemetry;
  crossed?: (limitId: string, state: StateRow) => void;
  refused?: BudgetGateOptions['refused'];
  ask?: BudgetGateOptions['ask'];
}

export function makeGate(tables: Tables, facts: GateFacts = {}): BudgetGate {
  const policies = facts.policies ?? [policy()];
  return new BudgetGate({
    limits: groupWrites(tables.open<LimitRow>('limits')),
    holders: tables.open<OwnerRow>('limitholders'),
    learned: new LearnedStore(tables.open<LearnedRow>('limitlearned'), facts.clock ?? new ManualClock()),
    clock: facts.clock ?? new ManualClock(),
    random: () => 0.5,
    telemetry: facts.telemetry ?? quiet,
    overrides: facts.overrides ?? (() => noOverrides),
    policies: typeof policies === 'function' ? policies : () => policies,
    crossed: facts.crossed ?? (() => undefined),
    refused: facts.refused ?? (() => undefined),
    ask: facts.ask ?? (async () => undefined),
  });
}

let calls = 0;

export const call = (boundNanoUsd: bigint, facts: Partial<HoldRequest> = {}): HoldRequest => ({
  useCaseName: 'trail_finder',
  userId: 'sam@example.com',
  occurredAtMs: noon,
  bound: costing(boundNanoUsd),
  eventId: `00000000-0000-7000-8000-${String(++calls).padStart(12, '0')}`,
  category: 'system.anthropic',
  resource: 'claude-sonnet-5-5',
  useCaseId: 'instance-1',
  ...facts,
});

/** What a call that was let through did; false when it was refused for lack of room. */
export async function tryCall(gate: Gate, bound: bigint, actual: bigint | null, facts: Partial<HoldRequest> = {}) {
  try {
    const hold = await gate.hold(call(bound, facts));
    await hold.settle(actual === null ? null : costing(actual), 'succeeded');
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'limit_reached') return false;
    throw error;
  }
}

export function stateOf(tables: MemoryTables, limitId = 'daily:2026-11-23'): StateRow {
  const rows = tables.rows<LimitRow>('limits');
  const { partitionKey, rowKey } = stateKey(limitId);
  const state = rows.find((row) => row.partitionKey === partitionKey && row.rowKey === rowKey);
  if (!state) throw new Error(`There is no state of ${limitId}.`);
  return state as StateRow;
}

export const totalOf = (state: StateRow): bigint => spentOf(state) + state.heldNano;

/** How a streamed call with a web search is bounded, so that its limit holds `certain` and what was learned. */
export const searching = (certainNanoUsd: bigint, facts: Partial<ServerToolsBound> = {}): Partial<HoldRequest> => ({
  serverTools: {
    kind: 'model:web_search',
    certain: costing(certainNanoUsd),
    turn: toolsCosting(usd(0.01)),
    isStream: true,
    ...facts,
  },
});
