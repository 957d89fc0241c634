import { Badge } from '../../parts/badge.tsx';
import { countColumn, nameColumn, usdColumn } from '../../parts/columns.tsx';
import { Name } from '../../parts/name.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Usd } from '../../parts/usd.tsx';
import { asMoney, asScore, EstimateText } from './estimate.tsx';
import { type KpiRow, kpiRows } from './kpi-rows.ts';
import type { Outcome } from './load.ts';

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
  nameColumn('use case', ({ useCase }) => useCase),
  { title: 'version', value: ({ version }) => version, isNumber: true },
  countColumn('instances', ({ instances }) => instances),
  countColumn('users', ({ users }) => users),
  {
    title: 'cost of an instance',
    value: ({ usdPerInstance }) => usdPerInstance?.value,
    show: ({ usdPerInstance }) => <EstimateText estimate={usdPerInstance} format={asMoney} />,
    isNumber: true,
  },
  usdColumn('cost', ({ estimatedUsd }) => estimatedUsd),
  countColumn('tokens in', ({ tokens }) => tokens.input),
  countColumn('tokens out', ({ tokens }) => tokens.output),
];

const kpiColumns: Column<KpiRow>[] = [
  nameColumn('use case', ({ useCase }) => useCase),
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
  countColumn('scored', ({ scored }) => scored),
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
