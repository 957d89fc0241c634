import { useCases } from '../../../shared/use-cases/use-cases.ts';
import type { UseCaseFigures } from './figures.ts';
import type { Refusal } from './send.ts';

/** The use case whose calls are made by the judge, in the background and not for a caller. */
const judgeName = useCases.judge.name;

export interface Told {
  answered: number;
  refusals: Refusal[];
  /** Usage events by use case. */
  events: ReadonlyMap<string, number>;
  useCases: UseCaseFigures[];
  /** By the app, and by people. */
  scores: number;
  thumbs: number;
}

/** Why the figures are what they are, for someone who sees them first. */
export function explain({ answered, refusals, events, useCases, scores, thumbs }: Told): string[] {
  const judgements = events.get(judgeName) ?? 0;
  const all = [...events.values()].reduce((sum, count) => sum + count, 0);
  const instances = useCases.reduce((sum, row) => sum + row.requests, 0);
  return [
    `${answered} answers took ${all} model calls: ${all - judgements} for the answers themselves, and ${judgements} of a second model, the judge, ` +
      'which reads each analysis and each search afterwards. Every model call is one usage event.',
    `${scores} scores: each of the ${instances} instances (one run of a use case; a judgement is one too) has one score for each of its KPIs; ${thumbs} more are thumbs that people gave to answers.`,
    ...explainRefusals(refusals),
  ];
}

/** Why one request was refused. */
export const describeRefusal = ({ neededUsd, leftUsd, maxUsd }: Refusal): string =>
  `refused: it may cost up to ${dollars(neededUsd)}, and ${dollars(leftUsd)} of ${dollars(maxUsd)} is left`;

function explainRefusals(refusals: Refusal[]): string[] {
  const [first] = refusals;
  if (first === undefined) return [];
  return [
    `${people(refusals)} met a limit: a call is refused before it is made when the most that it can cost (here ${dollars(first.neededUsd)}) does not fit ` +
      `in what is left (${dollars(first.leftUsd)} of ${dollars(first.maxUsd)} a day). What it really costs is known only afterwards, and a block limit is ` +
      'never exceeded, not even for a moment.',
  ];
}

function people(refusals: Refusal[]): string {
  return [...new Set(refusals.map(({ user }) => user))]
    .map((user) => {
      const count = refusals.filter((refusal) => refusal.user === user).length;
      return `${count} ${count === 1 ? 'request' : 'requests'} of ${user}`;
    })
    .join(', ');
}

const dollars = (usd: number): string => `$${usd.toFixed(2)}`;
