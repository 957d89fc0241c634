import { Problem } from '../http/api-error.ts';

export const kpiTypes = ['boolean', 'number', 'percentage', 'likert5', 'likert7', 'likert10'] as const;
export type KpiType = (typeof kpiTypes)[number];

/** Percentages: whether 1 or 100 is the whole is not documented, so both pass. */
const ranges: Partial<Record<KpiType, [number, number]>> = {
  percentage: [0, 100],
  likert5: [1, 5],
  likert7: [1, 7],
  likert10: [1, 10],
};

/** A score as Pay-i keeps it: true is 1, null clears. @throws Problem 400 */
export function checkScore(type: KpiType, score: unknown): number | undefined {
  if (score === null) return undefined;
  if (type === 'boolean') {
    if (typeof score === 'boolean') return Number(score);
    throw new Problem(400, 'Bad Request', 'The KPI takes true or false.');
  }
  if (typeof score !== 'number' || !Number.isFinite(score))
    throw new Problem(400, 'Bad Request', 'The KPI takes a number.');
  const [least, most] = ranges[type] ?? [-Infinity, Infinity];
  if (score < least || score > most) {
    throw new Problem(400, 'Bad Request', `The KPI takes ${least} to ${most}.`);
  }
  return score;
}
