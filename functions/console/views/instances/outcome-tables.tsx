import { count, duration } from '../../format/numbers.ts';
import { nameColumn, timeColumn, usdColumn } from '../../parts/columns.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import type { Instance } from './load.ts';

type Kpi = Instance['kpis'][number];
type Step = Instance['steps'][number];

/** What the instance was worth. */
export const KpiTable = ({ kpis }: { kpis: readonly Kpi[] }) => (
  <Table caption="KPIs" columns={kpiColumns} rows={kpis} keyOf={({ eventId, name }) => `${eventId} ${name}`} />
);

/** The parts of the instance. */
export const StepTable = ({ steps }: { steps: readonly Step[] }) => (
  <Table caption="Steps" columns={stepColumns} rows={steps} keyOf={({ step }) => step ?? ''} />
);

const kpiColumns: Column<Kpi>[] = [
  nameColumn('KPI', ({ name }) => name),
  { title: 'score', value: ({ score }) => score, show: ({ score }) => scoreText(score), isNumber: true },
  { title: 'goal', value: ({ goal }) => goal, isNumber: true },
  { title: 'type', value: ({ type }) => type },
  timeColumn('at', ({ at }) => at),
  { title: 'state', value: ({ state }) => state },
  {
    title: 'meaning',
    value: ({ description }) => description,
    show: ({ description }) => <span class="wrap">{description}</span>,
  },
];

const scoreText = (score: Kpi['score']): string => (typeof score === 'number' ? count(score) : score ? 'yes' : 'no');

const stepColumns: Column<Step>[] = [
  nameColumn('step', ({ step }) => step),
  { title: 'calls', value: ({ requests }) => requests, isNumber: true },
  usdColumn('cost', ({ estimatedUsd }) => estimatedUsd),
  {
    title: 'latency',
    value: ({ latencyMs }) => latencyMs,
    show: ({ latencyMs }) => duration(latencyMs),
    isNumber: true,
  },
];
