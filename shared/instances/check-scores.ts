import { invalidFields, notFound } from '../errors/request-errors.ts';
import type { KpiScore } from '../events/usage-event.ts';
import type { KpiCatalog } from '../payi/kpi-catalog.ts';
import { scoreRanges } from '../use-cases/kpi-facts.ts';

/**
 * Refuses scores that Pay-i would refuse later. While Pay-i does not answer they pass.
 * @throws RequestError 404 for an unknown use case, 400 naming every KPI that is unknown or whose score is wrong
 */
export async function checkScores(catalog: KpiCatalog, useCaseName: string, kpis: KpiScore[]): Promise<void> {
  const types = await catalog.typesOf(useCaseName);
  if (types === undefined) return;
  if (types === 'none') throw notFound(`Use case ${useCaseName}`);
  const problems = kpis.flatMap(({ name, score }, at) => {
    const type = types.get(name);
    if (type === undefined) {
      const all = [...types.keys()].sort().join(', ');
      return [{ field: `kpis.${at}.name`, problem: `must be a KPI of ${useCaseName}: ${all}` }];
    }
    const problem = scoreProblem(type, score);
    return problem === undefined ? [] : [{ field: `kpis.${at}.score`, problem }];
  });
  if (problems.length > 0) throw invalidFields(problems);
}

function scoreProblem(type: string, score: number | boolean): string | undefined {
  if (type === 'boolean') return typeof score === 'boolean' ? undefined : 'must be true or false';
  if (type !== '' && typeof score === 'boolean') return 'must be a number';
  const [least, most] = scoreRanges[type] ?? [];
  if (least === undefined || most === undefined || typeof score === 'boolean') return undefined;
  return score < least || score > most ? `must be a number from ${least} to ${most}` : undefined;
}
