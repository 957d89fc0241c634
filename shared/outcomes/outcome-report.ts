import type { InstancePart } from '../usage/instance-part.ts';
import { estimatedUsdOf } from '../usage/usage-figures.ts';
import { findKpi, type KpiFacts } from '../use-cases/kpi-facts.ts';
import { toUsd } from '../util/money.ts';
import { estimateOf, meanOf, type OutcomeEstimate } from './estimate.ts';
import { addToSample, noSample, shareInterval } from './interval.ts';
import { type ScoreGroup, scoreGroups } from './score-groups.ts';

/** A KPI of one version of a use case, next to what its instances cost. */
export interface OutcomeKpi {
  name: string;
  /** Null where the KPI is declared elsewhere. */
  facts: KpiFacts | null;
  /** Instances with a score. */
  scored: number;
  /** Of a boolean, the share of yes. */
  average: OutcomeEstimate;
  meetsGoal: boolean | null;
  /** Of a boolean; null of any other. */
  yes: {
    instances: number;
    /** Different users. */
    users: number;
    /** The cost of the row for each of these instances; null without one. */
    usdPerInstance: number | null;
    /** The cost of the row for each of these users; null without one. */
    usdPerUser: number | null;
  } | null;
  byScore: ScoreGroup[];
}

/** What one version of a use case cost and was worth. */
export interface OutcomeRow {
  useCase: string;
  version: number | null;
  /** With a call. */
  instances: number;
  users: number;
  requests: number;
  tokens: { input: number; output: number };
  /** USD by our price book; null where no call has a price there. */
  estimatedUsd: number | null;
  /** Requests without a price there. */
  unestimated: number;
  payiUsd: number;
  usdPerInstance: OutcomeEstimate | null;
  kpis: OutcomeKpi[];
}

/** A row for each version of a use case, in order. */
export function outcomeRows(useCase: string, instances: Iterable<InstancePart>): OutcomeRow[] {
  const versions = new Map<string, InstancePart[]>();
  for (const part of instances) {
    const known = versions.get(part.version);
    if (known) known.push(part);
    else versions.set(part.version, [part]);
  }
  return [...versions]
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([version, parts]) => outcomeRow(useCase, version === '' ? null : Number(version), parts));
}

function outcomeRow(useCase: string, version: number | null, parts: readonly InstancePart[]): OutcomeRow {
  const called = parts.filter(({ requests }) => requests > 0);
  const cost = noSample();
  for (const { estimatedCost } of called) addToSample(cost, toUsd(estimatedCost));
  const total = sumOf(called, ({ estimatedCost }) => estimatedCost);
  const requests = countOf(called, (part) => part.requests);
  const unestimated = countOf(called, (part) => part.unestimated);
  const names = new Set(parts.flatMap(({ scores }) => [...scores.keys()]));
  return {
    useCase,
    version,
    instances: called.length,
    users: usersOf(called),
    requests,
    tokens: { input: countOf(called, ({ input }) => input), output: countOf(called, ({ output }) => output) },
    estimatedUsd: estimatedUsdOf({ requests, unestimated, estimatedCost: total }),
    unestimated,
    payiUsd: toUsd(sumOf(called, ({ pricedCost }) => pricedCost)),
    usdPerInstance: called.length === 0 ? null : meanOf(cost),
    kpis: [...names].sort().map((name) => outcomeKpi(useCase, name, parts, total)),
  };
}

function outcomeKpi(useCase: string, name: string, parts: readonly InstancePart[], totalCost: bigint): OutcomeKpi {
  const scored = parts.flatMap((part) => {
    const given = part.scores.get(name);
    return given ? [{ part, score: Number(given.score), isBoolean: typeof given.score === 'boolean' }] : [];
  });
  const facts = findKpi(useCase, name);
  const isBoolean = facts ? facts.type === 'boolean' : scored.every((one) => one.isBoolean);
  const sample = noSample();
  for (const { score } of scored) addToSample(sample, score);
  const average = isBoolean
    ? estimateOf(sample.sum / sample.count, shareInterval(sample.sum, sample.count))
    : meanOf(sample);
  const yes = scored.flatMap(({ part, score }) => (score > 0 ? [part] : []));
  const users = usersOf(yes);
  return {
    name,
    facts: facts ? kpiFacts(facts) : null,
    scored: scored.length,
    average,
    meetsGoal: facts ? (facts.lowerIsBetter ? average.value <= facts.goal : average.value >= facts.goal) : null,
    yes: isBoolean
      ? {
          instances: yes.length,
          users,
          usdPerInstance: yes.length === 0 ? null : toUsd(totalCost) / yes.length,
          usdPerUser: users === 0 ? null : toUsd(totalCost) / users,
        }
      : null,
    byScore: scoreGroups(scored.filter(({ part }) => part.requests > 0)),
  };
}

const kpiFacts = ({ type, unit, scale, description, goal, lowerIsBetter }: KpiFacts): KpiFacts => ({
  type,
  unit,
  scale,
  description,
  goal,
  lowerIsBetter,
});

/** Calls without a user count as nobody's. */
const usersOf = (parts: readonly InstancePart[]): number =>
  new Set(parts.flatMap(({ user }) => (user === '' ? [] : [user]))).size;

const countOf = (parts: readonly InstancePart[], of: (part: InstancePart) => number): number =>
  parts.reduce((sum, part) => sum + of(part), 0);

const sumOf = (parts: readonly InstancePart[], of: (part: InstancePart) => bigint): bigint =>
  parts.reduce((sum, part) => sum + of(part), 0n);
