import type { Outcome, Units } from '../events/usage-event.ts';
import type { Instance } from '../instances/instance-store.ts';
import type { LedgerRow, LedgerState } from '../ledger/ledger-row.ts';
import { expandPolicies } from '../limits/policies/limit-id.ts';
import type { Policy } from '../limits/policies/policy.ts';
import { type Tokens, tokensOf } from '../usage/tokens.ts';
import { estimatedUsdOf } from '../usage/usage-figures.ts';
import { toUsd } from '../util/money.ts';
import { type InstanceScore, scoresOf } from './instance-scores.ts';
import { beganAt, type InstanceSums } from './instance-sums.ts';
import { priceLinesOf } from './price-lines.ts';

/** What the calls of an instance came to. Money in USD, times in ISO 8601 (UTC). */
export interface InstanceSummary {
  useCaseName: string;
  useCaseId: string;
  version: number | null;
  userId: string | null;
  accountName: string | null;
  startedAt: string;
  lastCallAt: string;
  requests: number;
  outcomes: Record<Outcome, number>;
  models: string[];
  units: Record<string, { input: number; output: number }>;
  tokens: Tokens;
  /** By our price book; null where no call has a price there. */
  estimatedUsd: number | null;
  /** Calls without a price there. */
  unestimated: number;
  /** Of the calls that Pay-i priced when it took them. */
  payiUsd: number;
  payiPriced: number;
  /** Where its events are. */
  states: LedgerState[];
}

export interface CallView {
  eventId: string;
  startedAt: string;
  step: string | null;
  userId: string | null;
  keyName: string | null;
  category: string | null;
  model: string | null;
  outcome: Outcome;
  httpStatusCode: number | null;
  latencyMs: number | null;
  timeToFirstTokenMs: number | null;
  units: Units;
  estimatedUsd: number | null;
  /** The estimate, line by line: `usd` is `amount` times `unitUsd`. Null where it can't be explained. */
  priceLines: { unit: string; direction: 'input' | 'output'; amount: number; unitUsd: number; usd: number }[] | null;
  payiUsd: number | null;
  payiRequestId: string | null;
  state: LedgerState;
}

export interface StepView {
  step: string | null;
  requests: number;
  estimatedUsd: number | null;
  payiUsd: number;
  /** Sum over its calls. */
  latencyMs: number;
}

export interface InstanceLimitRef {
  /** As in `GET /api/limits/{id}`. */
  id: string;
  policy: string;
  type: Policy['type'];
}

/** An instance as a whole. */
export interface InstanceView extends InstanceSummary {
  calls: CallView[];
  /** There are older calls. */
  more: boolean;
  steps: StepView[];
  kpis: InstanceScore[];
  /** Limits that its calls count against, by the policies as they are now. */
  limits: InstanceLimitRef[];
  /** What the judge found; null where there is nothing to judge. */
  verdict: Omit<Instance, 'useCaseName' | 'useCaseId' | 'userId'> | null;
}

const PICO_PER_USD = 1e12;

export function summaryOf(useCaseName: string, sums: InstanceSums): InstanceSummary {
  const { figures, outcomes } = sums;
  const ended = (outcome: Outcome): number => outcomes.get(outcome) ?? 0;
  return {
    useCaseName,
    useCaseId: sums.useCaseId,
    version: sums.version ?? null,
    userId: sums.userId ?? null,
    accountName: sums.accountName ?? null,
    startedAt: sums.startedAt,
    lastCallAt: sums.lastCallAt,
    requests: figures.requests,
    outcomes: {
      succeeded: ended('succeeded'),
      failed: ended('failed'),
      aborted: ended('aborted'),
      abandoned: ended('abandoned'),
    },
    models: [...sums.models].sort(),
    units: Object.fromEntries([...figures.units].sort(([a], [b]) => (a < b ? -1 : 1))),
    tokens: tokensOf(figures.units),
    estimatedUsd: estimatedUsdOf(figures),
    unestimated: figures.unestimated,
    payiUsd: toUsd(figures.pricedCost),
    payiPriced: figures.priced,
    states: [...sums.states].sort(),
  };
}

/** Joins what is known of an instance. @param rows its events, in order */
export function instanceView(
  summary: InstanceSummary,
  { rows, more }: { rows: readonly LedgerRow[]; more: boolean },
  instance: Instance | undefined,
  policies: readonly Policy[],
): InstanceView {
  const calls = rows.filter(({ kind }) => kind === 'usage');
  const { useCaseName: _name, useCaseId: _id, userId: _user, ...verdict } = instance ?? {};
  return {
    ...summary,
    calls: calls.map(callView),
    more,
    steps: stepsOf(calls),
    kpis: scoresOf(summary.useCaseName, rows),
    limits: limitsOf(calls, policies),
    verdict: instance ? (verdict as InstanceView['verdict']) : null,
  };
}

function limitsOf(calls: readonly LedgerRow[], policies: readonly Policy[]): InstanceLimitRef[] {
  const limits = new Map<string, InstanceLimitRef>();
  for (const { useCaseName, userId, accountName, keyName, occurredAt } of calls) {
    const call = {
      useCaseName,
      ...(userId !== undefined && { userId }),
      ...(accountName !== undefined && { accountName }),
      ...(keyName !== undefined && { keyName }),
      occurredAtMs: Date.parse(occurredAt),
    };
    for (const { limitId, policy } of expandPolicies(policies, call))
      limits.set(limitId, { id: limitId, policy: policy.name, type: policy.type });
  }
  return [...limits.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const usd = (nanoUsd: bigint | undefined): number | null => (nanoUsd === undefined ? null : toUsd(nanoUsd));

function callView(row: LedgerRow): CallView {
  return {
    eventId: row.rowKey,
    startedAt: beganAt(row),
    step: row.useCaseStep ?? null,
    userId: row.userId ?? null,
    keyName: row.keyName ?? null,
    category: row.category ?? null,
    model: row.resource ?? null,
    outcome: row.outcome as Outcome,
    httpStatusCode: row.httpStatusCode ?? null,
    latencyMs: row.endToEndLatencyMs ?? null,
    timeToFirstTokenMs: row.timeToFirstTokenMs ?? null,
    units: JSON.parse(row.units ?? '{}') as Units,
    estimatedUsd: usd(row.estimatedCost),
    priceLines:
      priceLinesOf(row)?.map(({ unit, direction, amount, unitPicoUsd, picoUsd }) => ({
        unit,
        direction,
        amount,
        unitUsd: Number(unitPicoUsd) / PICO_PER_USD,
        usd: Number(picoUsd) / PICO_PER_USD,
      })) ?? null,
    payiUsd: usd(row.pricedCost),
    payiRequestId: row.payiRequestId ?? null,
    state: row.state,
  };
}

/** In the order of their first calls. */
function stepsOf(calls: readonly LedgerRow[]): StepView[] {
  const steps = new Map<string | undefined, LedgerRow[]>();
  for (const call of calls) steps.set(call.useCaseStep, [...(steps.get(call.useCaseStep) ?? []), call]);
  return [...steps].map(([step, of]) => ({
    step: step ?? null,
    requests: of.length,
    estimatedUsd: estimatedUsdOf({
      requests: of.length,
      unestimated: of.filter(({ estimatedCost }) => estimatedCost === undefined).length,
      estimatedCost: of.reduce((sum, { estimatedCost = 0n }) => sum + estimatedCost, 0n),
    }),
    payiUsd: toUsd(of.reduce((sum, { pricedCost = 0n }) => sum + pricedCost, 0n)),
    latencyMs: of.reduce((sum, { endToEndLatencyMs = 0 }) => sum + endToEndLatencyMs, 0),
  }));
}
