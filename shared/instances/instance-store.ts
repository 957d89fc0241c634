import { type RowKey, type Table, type Tables, tableKey } from '../tables/table.ts';

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
}

interface InstanceRow extends RowKey {
  /** The instance as JSON. */
  instance: string;
}

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
  };
}
