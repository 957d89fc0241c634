import type { Estimate, Outcome } from './load.ts';

/** A figure of two versions of a use case. */
export interface ComparedFigure {
  name: string;
  unit: 'count' | 'usd' | 'score';
  one: Estimate | null;
  other: Estimate | null;
  /** How much the other is more than the one, as a share of the one; null where that says nothing. */
  change: number | null;
  /** Whether the 95 % intervals have nothing in common; null without intervals. */
  areApart: boolean | null;
}

/** Two versions of a use case. */
export interface VersionPair {
  one: Outcome;
  other: Outcome;
}

/** Versions by use case, in order, of use cases that have calls of several. */
export function comparableVersions(rows: readonly Outcome[]): Map<string, Outcome[]> {
  const known = rows.filter(({ version }) => version !== null);
  const byUseCase = new Map<string, Outcome[]>();
  for (const row of known) byUseCase.set(row.useCase, [...(byUseCase.get(row.useCase) ?? []), row]);
  return new Map(
    [...byUseCase]
      .filter(([, versions]) => versions.length > 1)
      .map(([useCase, versions]) => [useCase, versions.sort((a, b) => (a.version ?? 0) - (b.version ?? 0))]),
  );
}

/** The versions that an address names; the latest two where it names none, or some that are not there. */
export function pairOf(versions: readonly Outcome[], one = '', other = ''): VersionPair | undefined {
  const find = (name: string) => versions.find(({ version }) => String(version) === name);
  const [first, second] = [find(one) ?? versions.at(-2), find(other) ?? versions.at(-1)];
  return first && second && { one: first, other: second };
}

/** What two versions cost and were worth, figure by figure. */
export function compareVersions({ one, other }: VersionPair): ComparedFigure[] {
  const figure = (
    name: string,
    unit: ComparedFigure['unit'],
    of: (version: Outcome) => Estimate | number | null | undefined,
  ): ComparedFigure => compared(name, unit, estimateOf(of(one)), estimateOf(of(other)));
  const kpis = new Set([...one.kpis, ...other.kpis].map(({ name }) => name));
  const kpiOf = (version: Outcome, name: string) => version.kpis.find((kpi) => kpi.name === name);
  return [
    figure('instances', 'count', ({ instances }) => instances),
    figure('users', 'count', ({ users }) => users),
    figure('cost of an instance', 'usd', ({ usdPerInstance }) => usdPerInstance),
    figure('calls of an instance', 'score', ({ requests, instances }) => requests / instances),
    figure('tokens in of an instance', 'count', ({ tokens, instances }) => Math.round(tokens.input / instances)),
    figure('tokens out of an instance', 'count', ({ tokens, instances }) => Math.round(tokens.output / instances)),
    ...[...kpis].sort().flatMap((name) => {
      const figures = [figure(`average of ${name}`, 'score', (version) => kpiOf(version, name)?.average)];
      const isYesOrNo = [one, other].some((version) => kpiOf(version, name)?.yes);
      if (isYesOrNo)
        figures.push(
          figure(`cost for a yes of ${name}`, 'usd', (version) => kpiOf(version, name)?.yes?.usdPerInstance),
        );
      return figures;
    }),
  ];
}

function compared(
  name: string,
  unit: ComparedFigure['unit'],
  one: Estimate | null,
  other: Estimate | null,
): ComparedFigure {
  const change = one && other && one.value !== 0 ? (other.value - one.value) / Math.abs(one.value) : null;
  return { name, unit, one, other, change, areApart: one && other && apart(one, other) };
}

function apart(one: Estimate, other: Estimate): boolean | null {
  if (one.low === null || one.high === null || other.low === null || other.high === null) return null;
  return one.high < other.low || other.high < one.low;
}

const estimateOf = (value: Estimate | number | null | undefined): Estimate | null => {
  if (value === null || value === undefined) return null;
  return typeof value === 'number' ? { value, low: null, high: null } : value;
};
