import type { Clock } from '../util/clock.ts';
import { withTimeout } from '../util/with-timeout.ts';
import type { Kpis } from './kpis.ts';
import { PayiError } from './transport/error.ts';

/** Name of a KPI to its type (`boolean`, `likert5`, …); '' where Pay-i did not say it. */
export type KpiTypes = ReadonlyMap<string, string>;

/** Which KPIs a use case has. */
export interface KpiCatalog {
  /** `none` where Pay-i has no such use case; undefined while Pay-i does not answer. Never rejects for Pay-i's sake. */
  typesOf(useCaseName: string): Promise<KpiTypes | 'none' | undefined>;
}

/** A KPI that is made at Pay-i is known here after this. */
const KEPT_MS = 60_000;
const REMEMBERED = 1_000;
/** A caller does not wait longer for the check. */
const WAIT_MS = 2_000;

/** Asks Pay-i, at most once a minute for each use case. */
export function createKpiCatalog(payi: Pick<Kpis, 'list'>, clock: Clock): KpiCatalog {
  const known = new Map<string, { atMs: number; types: Promise<KpiTypes | 'none' | undefined> }>();

  async function read(useCaseName: string): Promise<KpiTypes | 'none' | undefined> {
    const types = new Map<string, string>();
    try {
      for await (const { name, kpi_type } of payi.list(useCaseName)) types.set(name, kpi_type ?? '');
      return types;
    } catch (error) {
      if (!(error instanceof PayiError)) throw error;
      if (error.payiStatus === 404 || error.payiCode === 'use_case_not_found') return 'none';
      known.delete(useCaseName);
      return undefined;
    }
  }

  return {
    async typesOf(useCaseName) {
      let entry = known.get(useCaseName);
      if (!entry || clock.now() - entry.atMs >= KEPT_MS) {
        if (known.size >= REMEMBERED) known.clear();
        entry = { atMs: clock.now(), types: read(useCaseName) };
        known.set(useCaseName, entry);
      }
      // The check is left out rather than waited for: what is wrong then becomes a dead letter later.
      return withTimeout(WAIT_MS, entry.types, clock).catch(() => undefined);
    },
  };
}
