import { z } from 'zod';
import type { Publisher } from '../events/publisher.ts';
import { kpiScoreSchema, useCaseRefSchema } from '../events/usage-event.ts';
import type { Caller } from '../identity/caller.ts';
import type { KpiCatalog } from '../payi/kpi-catalog.ts';
import { currentTraceparent } from '../telemetry/spans.ts';
import type { Clock } from '../util/clock.ts';
import { uuidV7 } from '../util/ids.ts';
import { checkScores } from './check-scores.ts';
import { refuseForeignInstance } from './instance-access.ts';
import type { InstanceStore } from './instance-store.ts';

/** The body of `POST /api/kpis`. */
export const scoresSchema = z.strictObject({
  useCase: useCaseRefSchema.pick({ name: true, id: true }),
  kpis: z.array(kpiScoreSchema).min(1).max(50),
});

export interface ScoringDeps {
  instances: InstanceStore;
  publisher: Publisher;
  kpiCatalog: KpiCatalog;
  clock: Clock;
}

/**
 * Publishes scores of an instance that are known later than its usage, such as what a user thought of the answer.
 * @throws RequestError 404 when the instance is another user's or the use case is unknown, 400 for an unknown KPI or a wrong score
 */
export async function recordScores(
  { instances, publisher, kpiCatalog, clock }: ScoringDeps,
  caller: Caller,
  scores: z.output<typeof scoresSchema>,
): Promise<{ eventId: string }> {
  await refuseForeignInstance(instances, caller, scores.useCase);
  await checkScores(kpiCatalog, scores.useCase.name, scores.kpis);
  const nowMs = clock.now();
  const eventId = uuidV7(nowMs);
  const occurredAt = new Date(nowMs).toISOString();
  const traceparent = currentTraceparent();
  const traced = traceparent === undefined ? {} : { traceparent };
  await publisher.publish({ schemaVersion: 1, kind: 'kpi', eventId, occurredAt, ...scores, ...traced });
  return { eventId };
}
