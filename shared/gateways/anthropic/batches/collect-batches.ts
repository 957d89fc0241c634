import type { Stored } from '../../../tables/table.ts';
import { describeError } from '../../../telemetry/telemetry.ts';
import { inParallel } from '../../../util/in-parallel.ts';
import type { OpenBatchRow } from './batch-rows.ts';
import type { MessageBatches } from './message-batches.ts';
import { meterBatch } from './meter-batch.ts';

/** A request for a batch has ended by then: it has `MODEL_DEADLINE_MS`, which is below. */
const CREATED_WITHIN_MS = 900_000;
/** The timer runs every minute; what is not begun by then is left to the next run. */
const BEGIN_WITHIN_MS = 45_000;
const AT_ONCE = 4;

/**
 * Meters the batches that have ended, whoever made them and whether or not anybody fetches their results. A batch whose creation was
 * never confirmed, and one that the provider has no more, becomes abandoned (L2). One that fails holds up no other.
 */
export async function collectBatches(batches: MessageBatches): Promise<void> {
  const { store, clock, telemetry } = batches;
  const untilMs = clock.now() + BEGIN_WITHIN_MS;
  const rows: Stored<OpenBatchRow>[] = [];
  for await (const row of store.open()) rows.push(row);
  let left = 0;
  await inParallel(rows, AT_ONCE, async (row) => {
    if (clock.now() >= untilMs) {
      left++;
      return;
    }
    try {
      await collectOne(row, batches);
    } catch (error) {
      telemetry.warn('message-batch-not-metered', { id: row.rowKey, ...describeError(error) });
      telemetry.count('message-batches-not-metered');
    }
  });
  telemetry.measure('message-batches-open', rows.length);
  telemetry.measure('message-batches-backlog', left);
}

async function collectOne(row: Stored<OpenBatchRow>, batches: MessageBatches): Promise<void> {
  const { store, lasting, clock, telemetry } = batches;
  const isConfirmed = row.batchId !== '';
  if (!isConfirmed && clock.now() - row.createdMs < CREATED_WITHIN_MS) return;
  if (isConfirmed && (await meterBatch(row, batches)) !== 'gone') return;
  telemetry.error('message-batch-abandoned', { id: row.rowKey, isConfirmed });
  await lasting.abandon(row.rowKey);
  await store.finish(row, clock.now());
}
