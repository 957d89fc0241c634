import { z } from 'zod';
import { deadLetterStates } from '../../dead-letters/dead-letter-store.ts';
import { defineRoute } from '../../http/route.ts';
import { MAX_LISTED } from '../../user-data/user-data.ts';
import { enveloped, timestamp } from '../answers.ts';
import { keptInstanceSchema } from '../outcomes/instance-schemas.ts';

const total = z.number().int();
const listed = <T extends z.ZodType>(item: T) => z.strictObject({ total, listed: z.array(item).max(MAX_LISTED) });

export const readUserDataRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/users/{id}/data',
  function: 'read-user-data',
  access: 'admin',
  dialect: 'envelope',
  summary: 'What is kept of a user, for a request of that person; reads whole tables',
  /** The user id, or the e-mail address that it was made from. */
  params: z.object({ id: z.string() }),
  answers: {
    200: enveloped(
      z.strictObject({
        userId: z.string(),
        instances: listed(keptInstanceSchema),
        usage: z.strictObject({
          events: total,
          firstAt: timestamp.nullable(),
          lastAt: timestamp.nullable(),
          estimatedUsd: z.number(),
          payiUsd: z.number(),
        }),
        deadLetters: listed(z.strictObject({ id: z.string(), code: z.string(), state: z.enum(deadLetterStates) })),
        accessKeys: z.array(z.string()),
        atProvider: listed(
          z.strictObject({ kind: z.enum(['batch', 'file']), id: z.string(), createdAt: timestamp }),
        ).describe('Batches and files that the user has at Anthropic through the gateway.'),
        elsewhere: z.array(z.string()),
      }),
    ),
  },
});

export const eraseUserDataRoute = defineRoute({
  method: 'DELETE',
  path: '/api/admin/users/{id}/data',
  function: 'erase-user-data',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Deletes what is kept of a user, for a request of that person; sums of usage stay, without the name',
  params: z.object({ id: z.string() }),
  answers: {
    200: enveloped(
      z.strictObject({
        userId: z.string(),
        state: z
          .enum(['under_way', 'swept', 'done'])
          .describe(
            '`under_way`: a timer goes on; the same request does too. `swept`: all is deleted, and a timer looks once more ten minutes later. `done`: it has.',
          ),
        before: timestamp.describe('Calls that begin before count as before the deletion.'),
        erased: z.strictObject({
          accessKeys: total,
          instances: total,
          deadLetters: total,
          usageEvents: total,
          rollups: total,
          refusals: total,
          limits: total,
          exportedFiles: total,
          atProvider: total,
        }),
        payi: z.strictObject({ requests: total, note: z.string() }),
        elsewhere: z.array(z.string()),
      }),
    ),
  },
  failures: [503],
});
