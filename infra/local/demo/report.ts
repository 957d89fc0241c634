import { allUseCases } from '../../../shared/use-cases/use-cases.ts';
import { toUsd } from '../../../shared/util/money.ts';
import type { RawLimit, UseCaseFigures } from './figures.ts';
import type { LimitName } from './limit-names.ts';
import type { AnsweredQuestion } from './questions.ts';

const usd = (nanoUsd: bigint): string => `$${toUsd(nanoUsd).toFixed(4)}`;

/** Lines of text with columns of equal width; numbers stand to the right. */
function columns(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    /^[$\d]/.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => `  ${row.map(pad).join('  ')}`.trimEnd());
}

/** A KPI in its unit: shares of instances in percent, numbers on the scale that its description names. */
function kpiRow(useCase: string, name: string, average: number): string[] {
  const kpi = allUseCases.find((one) => one.name === useCase)?.kpis.find((one) => one.name === name);
  const show = (value: number) =>
    kpi?.kpi_type === 'boolean' ? `${Math.round(value * 100)} %` : value.toFixed(2).replace(/\.00$/, '');
  return [useCase, name, show(average), kpi?.goal == null ? '' : show(kpi.goal), kpi?.description ?? ''];
}

/** The guide's table for people: cost by use case and user, KPIs, limits, and why the figures are what they are. */
export function describe(useCases: UseCaseFigures[], limits: (RawLimit & LimitName)[], explanations: string[]): string {
  const cost = [
    ['use case', 'instances', 'total', 'average', 'by user (instances)'],
    ...useCases.map((row) => [
      row.name,
      String(row.requests),
      usd(row.totalNanoUsd),
      usd(row.averageNanoUsd),
      row.users.map((user) => `${user.userId} ${usd(user.costNanoUsd)} (${user.requests})`).join(', '),
    ]),
  ];
  const kpis = [
    ['use case', 'KPI', 'average', 'goal', 'what it measures'],
    ...useCases.flatMap((row) => row.kpis.map((kpi) => kpiRow(row.name, kpi.name, kpi.average))),
  ];
  const state = [
    ['limit', 'of', 'period (UTC)', 'type', 'max', 'spent', 'state'],
    ...limits.map((limit) => [
      limit.policy,
      limit.whom,
      limit.period,
      limit.type,
      usd(limit.maxNanoUsd),
      usd(limit.spentNanoUsd),
      limit.state,
    ]),
  ];
  return [
    '',
    'Cost in USD, by the prices of Pay-i',
    ...columns(cost),
    '',
    'KPIs, averages of the instances; % is the share of those where it is true',
    ...columns(kpis),
    '',
    'Limits: block refuses calls without room, allow only reports',
    ...columns(state),
    '',
    ...explanations.flatMap((text) => [...wrap(text, 118), '']),
  ].join('\n');
}

/** The guide's questions with their answers, for people. */
export const describeAnswers = (answers: readonly AnsweredQuestion[]): string =>
  answers
    .flatMap(({ question, request, answer }) => [
      question,
      `  GET ${request}`,
      ...wrap(answer, 112).map((line) => `    ${line}`),
    ])
    .concat('')
    .join('\n');

/** Lines of at most so many characters, broken between words. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
