import type { KpiScore } from '../events/usage-event.ts';
import type { LedgerRow, LedgerState } from '../ledger/ledger-row.ts';
import { findKpi } from '../use-cases/kpi-facts.ts';
import type { UseCaseKpiType } from '../use-cases/use-case.ts';

/** The score that counts of one KPI of an instance: the last. */
export interface InstanceScore {
  name: string;
  score: number | boolean;
  /** ISO 8601. */
  at: string;
  eventId: string;
  state: LedgerState;
  /** As declared; null for a KPI that is declared elsewhere. */
  type: UseCaseKpiType | null;
  description: string | null;
  goal: number | null;
}

/** The scores of an event; none for most. */
export const kpisOf = ({ kpis }: Pick<LedgerRow, 'kpis'>): KpiScore[] =>
  kpis === undefined ? [] : (JSON.parse(kpis) as KpiScore[]);

/** Whether one score counts rather than another of the same KPI. */
export const isLater = (one: Scored, other: Scored): boolean => {
  const [oneMs, otherMs] = [Date.parse(one.occurredAt), Date.parse(other.occurredAt)];
  return oneMs === otherMs ? one.rowKey > other.rowKey : oneMs > otherMs;
};
type Scored = Pick<LedgerRow, 'occurredAt' | 'rowKey'>;

/** Sorted by name. @param rows events of one instance */
export function scoresOf(useCaseName: string, rows: readonly LedgerRow[]): InstanceScore[] {
  const last = new Map<string, { row: LedgerRow; score: number | boolean }>();
  for (const row of rows)
    for (const { name, score } of kpisOf(row)) {
      const known = last.get(name);
      if (!known || isLater(row, known.row)) last.set(name, { row, score });
    }
  return [...last]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { row, score }]) => {
      const kpi = findKpi(useCaseName, name);
      return {
        name,
        score,
        at: row.occurredAt,
        eventId: row.rowKey,
        state: row.state,
        type: kpi?.type ?? null,
        description: kpi?.description ?? null,
        goal: kpi?.goal ?? null,
      };
    });
}
