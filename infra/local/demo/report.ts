import { toUsd } from '../../../shared/util/money.ts';
import type { RawLimit, UseCaseFigures } from './figures.ts';

const usd = (nanoUsd: bigint): string => `$${toUsd(nanoUsd).toFixed(4)}`;

/** Lines of text with columns of equal width; numbers stand to the right. */
function columns(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    /^[$\d]/.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => `  ${row.map(pad).join('  ')}`.trimEnd());
}

/** The guide's table for people: cost by use case and user, KPIs, limits. */
export function describe(useCases: UseCaseFigures[], limits: RawLimit[]): string {
  const cost = [
    ['use case', 'requests', 'total', 'average', 'by user'],
    ...useCases.map((row) => [
      row.name,
      String(row.requests),
      usd(row.totalNanoUsd),
      usd(row.averageNanoUsd),
      row.users.map((user) => `${user.userId} ${usd(user.costNanoUsd)} (${user.requests})`).join(', '),
    ]),
  ];
  const kpis = [
    ['use case', 'KPI', 'average'],
    ...useCases.flatMap((row) => row.kpis.map((kpi) => [row.name, kpi.name, kpi.average.toFixed(2)])),
  ];
  const state = [
    ['limit', 'type', 'max', 'spent', 'state'],
    ...limits.map((limit) => [limit.limitId, limit.type, usd(limit.maxNanoUsd), usd(limit.spentNanoUsd), limit.state]),
  ];
  return ['', 'Cost', ...columns(cost), '', 'KPIs', ...columns(kpis), '', 'Limits', ...columns(state), ''].join('\n');
}
