import { z } from 'zod';
import { waitingPlaces } from '../../audit/waiting.ts';
import { defineRoute } from '../../http/route.ts';
import { enveloped, timestamp } from '../answers.ts';

export const listWaitingRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/waiting',
  function: 'list-waiting',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Which events and scores wait, since when and why',
  answers: {
    200: enveloped(
      z.strictObject({
        at: timestamp,
        groups: z.array(
          z.strictObject({
            place: z.enum(waitingPlaces),
            kind: z.enum(['usage', 'kpi', 'unknown']),
            useCaseName: z.string().nullable(),
            why: z.string().nullable(),
            events: z.number().int(),
            since: timestamp,
          }),
        ),
        complete: z.boolean(),
      }),
    ),
  },
  failures: [503],
});
