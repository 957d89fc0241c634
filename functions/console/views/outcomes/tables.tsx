import { money } from '../../format/money.ts';
import { count } from '../../format/numbers.ts';
import { Badge } from '../../parts/badge.tsx';
import { Name } from '../../parts/name.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Usd } from '../../parts/usd.tsx';
import { EstimateText } from './estimate.tsx';
import { type KpiRow, kpiRows } from './kpi-rows.ts';
import type { Outcome } from './load.ts';

const asMoney = (usd: number): string => money(usd);
const asScore = (score: number): string => count(Math.round(score * 1_000) / 1_000);

/** What an instance of each version costs. */
export const VersionTable = ({ rows }: { rows: readonly Outcome[] }) => (
  <Table
    caption="Versions"
    columns={versionColumns}
    rows={rows}
    keyOf={({ useCase, version }) => `${useCase} ${version}`}
  />
);

/** KPIs against their goals, versions of a use case one below the other. */
export const KpiTable = ({ rows }: { rows: readonly Outcome[] }) => (
  <Table
    caption="KPIs by version"
    columns={kpiColumns}
    rows={kpiRows(rows)}
    keyOf={({ useCase, version, kpi }) => `${useCase} ${version} ${kpi}`}
  />
);

const versionColumns: Column<Outcome>[] = [
  { title: 'use case', value: ({ useCase }) => useCase, show: ({ useCase }) => <Name text={useCase} /> },
  { title: 'version', value: ({ version }) => version, isNumber: true },
  {
    title: 'instances',
    value: ({ instances }) => instances,
    show: ({ instances }) => count(instances),
    isNumber: true,
  },
  { title: 'users', value: ({ users }) => users, show: ({ users }) => count(users), isNumber: true },
  {
    title: 'cost of an instance',
    value: ({ usdPerInstance }) => usdPerInstance?.value,
    show: ({ usdPerInstance }) => <EstimateText estimate={usdPerInstance} format={asMoney} />,
    isNumber: true,
  },
  {
    title: 'cost',
    value: ({ estimatedUsd }) => estimatedUsd,
    show: ({ estimatedUsd }) => <Usd value={estimatedUsd} />,
    isNumber: true,
  },
  {
    title: 'tokens in',
    value: ({ tokens }) => tokens.input,
    show: ({ tokens }) => count(tokens.input),
    isNumber: true,
  },
  {
    title: 'tokens out',
    value: ({ tokens }) => tokens.output,
    show: ({ tokens }) => count(tokens.output),
    isNumber: true,
  },
];

const kpiColumns: Column<KpiRow>[] = [
  { title: 'use case', value: ({ useCase }) => useCase, show: ({ useCase }) => <Name text={useCase} /> },
  {
    title: 'KPI',
    value: ({ kpi }) => kpi,
    show: ({ kpi, description }) => (
      <span title={description ?? undefined}>
        <Name text={kpi} />
      </span>
    ),
  },
  { title: 'version', value: ({ version }) => version, isNumber: true },
  { title: 'scored', value: ({ scored }) => scored, show: ({ scored }) => count(scored), isNumber: true },
  {
    title: 'average',
    value: ({ average }) => average.value,
    show: ({ average }) => <EstimateText estimate={average} format={asScore} />,
    isNumber: true,
  },
  { title: 'unit', value: ({ unit }) => unit },
  {
    title: 'goal',
    value: ({ goal }) => goal,
    show: ({ goal, lowerIsBetter }) =>
      goal === null ? '–' : `${lowerIsBetter ? 'at most' : 'at least'} ${asScore(goal)}`,
    isNumber: true,
  },
  {
    title: 'met',
    value: ({ meetsGoal }) => meetsGoal,
    show: ({ meetsGoal }) =>
      meetsGoal === null ? '–' : <Badge tone={meetsGoal ? 'good' : 'bad'}>{meetsGoal ? 'met' : 'missed'}</Badge>,
  },
  {
    title: 'cost for a yes',
    value: ({ usdPerYes }) => usdPerYes,
    show: ({ usdPerYes }) => (usdPerYes === null ? '–' : <Usd value={usdPerYes} />),
    isNumber: true,
  },
];
