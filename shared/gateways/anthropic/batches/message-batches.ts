import type { Settings } from '../../../config/settings.ts';
import type { Publisher } from '../../../events/publisher.ts';
import type { LastingHolds } from '../../../limits/gate/gate.ts';
import type { Tables } from '../../../tables/table.ts';
import type { Telemetry } from '../../../telemetry/telemetry.ts';
import type { Clock } from '../../../util/clock.ts';
import { createBatchProvider } from './batch-provider.ts';
import { createBatchStore } from './batch-store.ts';
import type { BatchMeterDeps } from './meter-batch.ts';

export interface MessageBatchesOptions {
  tables: Tables;
  settings: Settings;
  lasting: LastingHolds;
  publisher: Publisher;
  clock: Clock;
  telemetry: Telemetry;
}

/** What the routes and the timer of batches share. */
export type MessageBatches = BatchMeterDeps;

export const createMessageBatches = ({ tables, settings, ...deps }: MessageBatchesOptions): MessageBatches => ({
  ...deps,
  store: createBatchStore(tables),
  provider: createBatchProvider(settings),
});
