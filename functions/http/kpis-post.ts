import { app } from '@azure/functions';
import { z } from 'zod';
import { success } from '../../shared/http/answer.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { readJson } from '../../shared/http/json-body.ts';
import { decode } from '../../shared/http/validate.ts';
import { uuidV7 } from '../../shared/ids.ts';
import { refuseForeignInstance } from '../../shared/trails/judge/read-instance.ts';
import { kpiScoreSchema, useCaseRefSchema } from '../../shared/usage-event.ts';
import { services } from '../services.ts';

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
    const scores = decode(scoresSchema, await readJson(request, MAX_BYTES));
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
