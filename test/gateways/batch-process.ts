import { collectBatches } from '../../shared/gateways/anthropic/batches/collect-batches.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { openTables } from '../../shared/tables/open.ts';
import { MovedClock, startBatchProcess } from './batch-gateway.ts';

/** What the test tells the process. */
export interface BatchProcessStart {
  connection: string;
  modelUrl: string;
  policies: Policy[];
  /** How far its clock is ahead; ms. */
  movedMs: number;
  /** What it does once its gateway listens: the timer's work, or nothing. */
  collects: boolean;
}

/** What it says. An event counts as published when it was said. */
export type BatchProcessSaid =
  | { kind: 'listening'; url: string }
  | { kind: 'published'; eventId: string; responseId: string; cost: number; outcome: string; isRepeated: boolean }
  | { kind: 'collected' };

const say = (said: BatchProcessSaid): Promise<void> => new Promise((resolve) => process.send?.(said, () => resolve()));

/** A process of the app with the batches of the gateway, which the test can kill. */
process.once('message', async ({ connection, modelUrl, policies, movedMs, collects }: BatchProcessStart) => {
  const clock = new MovedClock(movedMs);
  const { url, batches, limits } = await startBatchProcess({
    tables: openTables({ connection, prefix: 'kills', clock }),
    clock,
    modelUrl,
    policies,
    published: ({ eventId, providerResponseId: responseId, estimatedCost, outcome }, isRepeated) =>
      say({ kind: 'published', eventId, responseId, cost: estimatedCost ?? -1, outcome, isRepeated }),
  });
  await say({ kind: 'listening', url });
  if (!collects) return;
  await collectBatches(batches);
  await limits.expire();
  await say({ kind: 'collected' });
});
process.on('disconnect', () => process.exit(0));
