import type { InstancePart } from '../usage/instance-part.ts';
import { toUsd } from '../util/money.ts';
import { meanOf, type OutcomeEstimate } from './estimate.ts';
import { addToSample, noSample } from './interval.ts';

/** Instances whose scores of a KPI are the same or lie close together. */
export interface ScoreGroup {
  /** Least and greatest score of it. */
  from: number;
  to: number;
  instances: number;
  /** By our price book. */
  usdPerInstance: OutcomeEstimate;
  /** In and out. */
  tokensPerInstance: OutcomeEstimate;
}

/** More different scores than this are put together in `GROUPS` groups of about as many instances. */
const MAX_SCORES = 12;
const GROUPS = 5;

type ScoredPart = { part: InstancePart; score: number };

/** In the order of scores. Equal scores are in one group. */
export function scoreGroups(scored: readonly ScoredPart[]): ScoreGroup[] {
  const byScore = new Map<number, ScoredPart[]>();
  for (const one of scored) {
    const known = byScore.get(one.score);
    if (known) known.push(one);
    else byScore.set(one.score, [one]);
  }
  const sorted = [...byScore].sort(([a], [b]) => a - b).map(([, of]) => of);
  if (sorted.length <= MAX_SCORES) return sorted.map(groupOf);
  const most = Math.ceil(scored.length / GROUPS);
  const groups: ScoredPart[][] = [[]];
  for (const of of sorted) {
    const last = groups.at(-1);
    if (last && (last.length === 0 || last.length + of.length <= most)) last.push(...of);
    else groups.push([...of]);
  }
  return groups.map(groupOf);
}

function groupOf(scored: readonly ScoredPart[]): ScoreGroup {
  const [usd, tokens] = [noSample(), noSample()];
  for (const { part } of scored) {
    addToSample(usd, toUsd(part.estimatedCost));
    addToSample(tokens, part.input + part.output);
  }
  return {
    from: scored[0]?.score ?? 0,
    to: scored.at(-1)?.score ?? 0,
    instances: scored.length,
    usdPerInstance: meanOf(usd),
    tokensPerInstance: meanOf(tokens),
  };
}
