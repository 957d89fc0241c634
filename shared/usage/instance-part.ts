import type { KpiScore } from '../events/usage-event.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { type CallUnits, isToken } from './tokens.ts';

/** What one hour has of an instance: sums of its calls, and the last score of each KPI. */
export interface InstancePart {
  useCase: string;
  id: string;
  /** Id of its first call here; '' where there is none, or it is not known any more. */
  firstCall: string;
  /** Of its first call; '' where there is none, or none is named. */
  user: string;
  version: string;
  account: string;
  requests: number;
  /** nano-USD by our price book. */
  estimatedCost: bigint;
  unestimated: number;
  /** nano-USD by Pay-i. */
  pricedCost: bigint;
  /** Tokens. */
  input: number;
  output: number;
  scores: ReadonlyMap<string, PartScore>;
}

export interface PartScore {
  score: number | boolean;
  /** ms, UTC. Of two scores the later one counts; at the same time that of the greater event id. */
  atMs: number;
  eventId: string;
}

export const noPart = (useCase: string, id: string): InstancePart => ({
  useCase,
  id,
  firstCall: '',
  user: '',
  version: '',
  account: '',
  requests: 0,
  estimatedCost: 0n,
  unestimated: 0,
  pricedCost: 0n,
  input: 0,
  output: 0,
  scores: noScores,
});

/** Shared by the parts without a score, most of them. */
const noScores: ReadonlyMap<string, PartScore> = new Map();

/** Adds a call or scores. @param units of the row */
export function addToPart(part: InstancePart, row: LedgerRow, units: CallUnits): void {
  if (row.kpis !== undefined) {
    const atMs = Date.parse(row.occurredAt);
    for (const { name, score } of JSON.parse(row.kpis) as KpiScore[])
      addScore(part, name, { score, atMs, eventId: row.rowKey });
  }
  if (row.kind !== 'usage') return;
  if (part.requests === 0 || row.rowKey < part.firstCall) {
    part.firstCall = row.rowKey;
    part.user = row.userId ?? '';
    part.version = row.useCaseVersion?.toString() ?? '';
    part.account = row.accountName ?? '';
  }
  part.requests += 1;
  if (row.estimatedCost === undefined) part.unestimated += 1;
  else part.estimatedCost += row.estimatedCost;
  part.pricedCost += row.pricedCost ?? 0n;
  for (const [name, { input = 0, output = 0 }] of units) {
    if (!isToken(name)) continue;
    part.input += input;
    part.output += output;
  }
}

/** Adds what a later hour has of the same instance. */
export function addPart(sum: InstancePart, later: InstancePart): void {
  for (const [name, score] of later.scores) addScore(sum, name, score);
  if (sum.requests === 0) {
    sum.user = later.user;
    sum.version = later.version;
    sum.account = later.account;
  }
  sum.requests += later.requests;
  sum.estimatedCost += later.estimatedCost;
  sum.unestimated += later.unestimated;
  sum.pricedCost += later.pricedCost;
  sum.input += later.input;
  sum.output += later.output;
}

function addScore(part: InstancePart, name: string, score: PartScore): void {
  const known = part.scores.get(name);
  if (known && (score.atMs < known.atMs || (score.atMs === known.atMs && score.eventId <= known.eventId))) return;
  part.scores = new Map(part.scores).set(name, score);
}
