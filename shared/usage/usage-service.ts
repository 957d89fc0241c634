import type { Ledger } from '../ledger/ledger.ts';
import type { Tables } from '../tables/table.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { hoursWithCalls } from './answers/hours-with-calls.ts';
import { type InstancesOfTime, readInstances } from './answers/read-instances.ts';
import { readUsage } from './answers/read-usage.ts';
import type { UsageQuery } from './answers/usage-query.ts';
import { type UsageReport, usageReport } from './answers/usage-report.ts';
import type { InstancePart } from './instance-part.ts';
import type { RefusalRows } from './refusals/refusal-rows.ts';
import { foldAgain, foldLedger } from './rollups/fold-ledger.ts';
import type { LateMarks } from './rollups/late-marks.ts';
import { createRollupStore } from './rollups/rollup-store.ts';

/** What calls used and cost. */
export interface UsageService {
  /** @throws UsageChangedError, TableError */
  report(query: UsageQuery): Promise<UsageReport>;
  /** The hours that may have such calls, the newest first. @throws TableError */
  hoursWith(query: Pick<UsageQuery, 'from' | 'before' | 'filters'>): AsyncIterable<string>;
  /** See `readInstances`. */
  instances<T>(time: InstancesOfTime, sumUp: (useCase: string, instances: Iterable<InstancePart>) => T): Promise<T[]>;
  /** Folds what has ended. @returns how many hours and days */
  fold(): Promise<number>;
  /** Folds all that the ledger has once more. @returns how many hours and days */
  foldAgain(): Promise<number>;
  /** Deletes the rollups of days before this one (UTC). @returns how many rows */
  prune(beforeDay: string): Promise<number>;
}

export interface UsageServiceOptions {
  tables: Tables;
  ledger: Pick<Ledger, 'between' | 'earliestHour'>;
  marks: LateMarks;
  refusals: Pick<RefusalRows, 'between'>;
  clock: Clock;
  telemetry: Telemetry;
}

export function createUsageService({ tables, ...options }: UsageServiceOptions): UsageService {
  const deps = { ...options, store: createRollupStore(tables), memory: {} };
  return {
    report: async (query) => usageReport(query, await readUsage(deps, query)),
    hoursWith: (query) => hoursWithCalls(deps, query),
    instances: (time, sumUp) => readInstances(deps, time, sumUp),
    fold: () => foldLedger(deps),
    foldAgain: () => foldAgain(deps),
    prune: (beforeDay) => deps.store.prune(beforeDay),
  };
}
