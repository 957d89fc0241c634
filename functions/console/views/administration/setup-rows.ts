import type { AnswerOf } from '../../data/routes.ts';

type Items = AnswerOf<'GET /api/admin/payi-setup'>['dryRun'];
type Item = Omit<Items['limits'][number], 'limit_id'>;

/** One thing at Pay-i, and what a set-up does with it. */
export interface SetupRow {
  kind: 'use case' | 'KPI' | 'limit';
  name: string;
  result: Item['result'];
  /** What changes, or why it failed. */
  what: string;
}

export const setupRows = ({ useCaseDefinitions, kpis, limits }: Items): SetupRow[] => [
  ...useCaseDefinitions.map((item) => rowOf('use case', item.use_case_name, item)),
  ...kpis.map((item) => rowOf('KPI', `${item.useCaseName} / ${item.kpi_name}`, item)),
  ...limits.map((item) => rowOf('limit', item.limit_id, item)),
];

const rowOf = (kind: SetupRow['kind'], name: string, { result, reason, changes = [] }: Item): SetupRow => ({
  kind,
  name,
  result,
  what: reason ?? changes.map(({ member, from, to }) => `${member}: ${from ?? '–'} → ${to}`).join('; '),
});
