import type { Estimate, Outcome } from './load.ts';

/** A KPI of a version of a use case. */
export interface KpiRow {
  useCase: string;
  version: number | null;
  kpi: string;
  description: string | null;
  unit: string;
  scored: number;
  average: Estimate;
  goal: number | null;
  lowerIsBetter: boolean;
  meetsGoal: boolean | null;
  usdPerYes: number | null;
}

/** One row for each KPI, so that versions stand one below the other. */
export const kpiRows = (rows: readonly Outcome[]): KpiRow[] =>
  rows
    .flatMap(({ useCase, version, kpis }) =>
      kpis.map(({ name, facts, scored, average, meetsGoal, yes }) => ({
        useCase,
        version,
        kpi: name,
        description: facts?.description ?? null,
        unit: facts?.unit ?? '',
        scored,
        average,
        goal: facts?.goal ?? null,
        lowerIsBetter: facts?.lowerIsBetter ?? false,
        meetsGoal,
        usdPerYes: yes?.usdPerInstance ?? null,
      })),
    )
    .sort(
      (a, b) => a.useCase.localeCompare(b.useCase) || a.kpi.localeCompare(b.kpi) || (a.version ?? 0) - (b.version ?? 0),
    );
