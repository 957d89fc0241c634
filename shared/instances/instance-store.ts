import { odata } from '@azure/data-tables';
import { type RowKey, type Table, type Tables, tableKey } from '../tables/table.ts';
import { inParallel } from '../util/in-parallel.ts';
import type { Sweep, Swept } from '../util/sweep.ts';

/** `pending`: waits for the judge. `skipped`: will not be judged. `failed`: the judge gave no verdict. */
export type JudgeStatus = 'pending' | 'judged' | 'skipped' | 'failed';

/** A verdict as numbers and flags: nothing in it quotes the answer. */
export interface VerdictFigures {
  passed: boolean;
  overallScore: number;
  accuracyScore: number;
  completenessScore: number;
  sourceQualityScore: number;
  hallucinationDetected: boolean;
  hallucinationSeverity: 'none' | 'minor' | 'moderate' | 'severe';
  issues: number;
  unverifiedClaims: number;
  unverifiableSources: number;
  missingElements: number;
}

/** What is kept of an instance of a feature's use case. */
export interface Instance {
  useCaseName: string;
  useCaseId: string;
  userId: string;
  status: JudgeStatus;
  /** Why it was skipped or failed: one of our error codes. */
  reason?: string;
  figures?: VerdictFigures;
  /** The judge's words; only with KEEP_VERDICT_TEXT. */
  texts?: Record<string, unknown>;
  judgeModel?: string;
  judgeUseCaseId?: string;
  updatedAt: string;
}

export interface InstanceStore {
  save(instance: Instance): Promise<void>;
  find(useCaseName: string, useCaseId: string): Promise<Instance | undefined>;
  /** Those of a user. Reads the whole table: for requests of persons about their data, which are rare. */
  ofUser(userId: string): AsyncIterable<Instance>;
  /** Deletes those of a user that were written before (ms, UTC), with their verdicts. Reads the whole table. */
  removeOfUser(userId: string, beforeMs: number, sweep: Sweep): Promise<Swept>;
  /** Deletes those that were last written before (ms, UTC). @returns how many */
  prune(beforeMs: number): Promise<number>;
}

interface InstanceRow extends RowKey {
  /** The instance as JSON. */
  instance: string;
  /** Of the instance; for retention. */
  updatedAt: string;
}

const keys = ['PartitionKey', 'RowKey'];
const DELETES_AT_ONCE = 8;

/** Instances in the table `instances`, one row each. */
export function createInstanceStore(tables: Tables): InstanceStore {
  const table: Table<InstanceRow> = tables.open('instances');
  return {
    async save(instance) {
      const { useCaseName, useCaseId } = instance;
      await table.upsert({
        partitionKey: tableKey(useCaseName),
        rowKey: tableKey(useCaseId),
        instance: JSON.stringify(instance),
        updatedAt: instance.updatedAt,
      });
    },
    async find(useCaseName, useCaseId) {
      const row = await table.get(tableKey(useCaseName), tableKey(useCaseId));
      return row && (JSON.parse(row.instance) as Instance);
    },
    async *ofUser(userId) {
      for await (const row of table.query()) {
        const instance = JSON.parse(row.instance) as Instance;
        if (instance.userId === userId) yield instance;
      }
    },
    async removeOfUser(userId, beforeMs, { from, isOver }) {
      const [partition = '', rowKey = ''] = from.split('\n');
      const queries = [{ where: odata`PartitionKey gt ${partition}` }];
      let changed = 0;
      for (const query of from === '' ? queries : [{ partitionKey: partition, from: rowKey }, ...queries]) {
        for await (const row of table.query(query)) {
          if (isOver()) return { next: `${row.partitionKey}\n${row.rowKey}`, changed };
          const instance = JSON.parse(row.instance) as Instance;
          if (instance.userId !== userId || Date.parse(instance.updatedAt) >= beforeMs) continue;
          if (await table.remove(row)) changed += 1;
        }
      }
      return { next: undefined, changed };
    },
    async prune(beforeMs) {
      const old: RowKey[] = [];
      const where = odata`updatedAt lt ${new Date(beforeMs).toISOString()}`;
      for await (const { partitionKey, rowKey } of table.query({ where, select: keys }))
        old.push({ partitionKey, rowKey });
      return (await inParallel(old, DELETES_AT_ONCE, (row) => table.remove(row))).filter(Boolean).length;
    },
  };
}
