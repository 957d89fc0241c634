import { app } from '@azure/functions';
import { z } from 'zod';
import { kpiScoreSchema, useCaseRefSchema } from '../../../shared/events/usage-event.ts';
import { success } from '../../../shared/http/answer.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { readJson } from '../../../shared/http/json-body.ts';
import { decodeRequest } from '../../../shared/http/validate.ts';
import { refuseForeignInstance } from '../../../shared/instances/instance-access.ts';
import { uuidV7 } from '../../../shared/util/ids.ts';
import { services } from '../../services/services.ts';

const scoresSchema = z.strictObject({
  useCase: useCaseRefSchema.pick({ name: true, id: true }),
  kpis: z.array(kpiScoreSchema).min(1).max(50),
});
const MAX_BYTES = 50_000;

/** Scores of an instance that are known later, e.g. what a user thought of the answer. 202: they are on their way. */
app.http('kpis-post', {
  route: 'api/kpis',
  methods: ['POST', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['POST'], access: 'user' }, async ({ request, caller, services }) => {
    const scores = decodeRequest(scoresSchema, await readJson(request, MAX_BYTES));
    await refuseForeignInstance(services.instances, caller, scores.useCase);
    const nowMs = services.clock.now();
    const eventId = uuidV7(nowMs);
    await services.publisher.publish({
      schemaVersion: 1,
      kind: 'kpi',
      eventId,
      occurredAt: new Date(nowMs).toISOString(),
      ...scores,
    });
    return success({ eventId }, 202);
  }),
});
