import type { UseCaseKpi, UseCaseKpiType } from './use-case.ts';
import { allUseCases } from './use-cases.ts';

/** Least and most of the types that have a range. Pay-i does not say whether 1 or 100 is the whole of a percentage. */
export const scoreRanges: Readonly<Record<string, readonly [number, number]>> = {
  percentage: [0, 100],
  likert5: [1, 5],
  likert7: [1, 7],
  likert10: [1, 10],
};

/** What people have to know of a KPI to read its scores and their average. */
export interface KpiFacts {
  type: UseCaseKpiType;
  /** Of a score, e.g. `miles`; of the average of a boolean, `share of instances`. */
  unit: string;
  /** Least and most of the average; null where there is no end. */
  scale: readonly [number, number] | null;
  description: string;
  goal: number;
  /** Whether a lower average is better. */
  lowerIsBetter: boolean;
}

export interface DeclaredKpi extends KpiFacts {
  useCase: string;
  name: string;
}

const units: Record<UseCaseKpiType, string> = {
  boolean: 'share of instances',
  number: 'number',
  percentage: 'percent',
  likert5: 'points',
  likert7: 'points',
  likert10: 'points',
};

const factsOf = ({ kpi_type, description, goal, unit, scale, lowerIsBetter }: UseCaseKpi): KpiFacts => ({
  type: kpi_type,
  unit: unit ?? units[kpi_type],
  scale: kpi_type === 'boolean' ? [0, 1] : (scale ?? scoreRanges[kpi_type] ?? null),
  description,
  goal,
  lowerIsBetter: lowerIsBetter ?? false,
});

/** Every KPI that is declared, with its use case. */
export const declaredKpis: readonly DeclaredKpi[] = allUseCases.flatMap(({ name: useCase, kpis }) =>
  kpis.map((kpi) => ({ useCase, name: kpi.name, ...factsOf(kpi) })),
);

/** Undefined for a KPI that is declared elsewhere. */
export const findKpi = (useCase: string, name: string): DeclaredKpi | undefined =>
  declaredKpis.find((kpi) => kpi.useCase === useCase && kpi.name === name);
