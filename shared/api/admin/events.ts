import { z } from 'zod';
import { deliveryStates } from '../../audit/conservation.ts';
import {
  discardRequestSchema,
  listRequestSchema,
  replayRequestSchema,
} from '../../dead-letters/dead-letter-requests.ts';
import { deadLetterStates } from '../../dead-letters/dead-letter-store.ts';
import { queuedEventSchema } from '../../events/queued-event.ts';
import { defineRoute } from '../../http/route.ts';
import { enveloped } from '../answers.ts';

const json = ['application/json'] as const;
const MAX_BYTES = 200_000;

export const auditRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/audit',
  function: 'audit-events',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Whether every event of the last days is in exactly one state',
  query: z.object({ days: z.coerce.number().int().min(1).max(3_650).default(7) }),
  answers: {
    200: enveloped(
      z.strictObject({
        ok: z.boolean(),
        states: z.record(z.enum(deliveryStates), z.number().int()),
        missing: z.array(z.string()),
        doubled: z.array(z.strictObject({ eventId: z.string(), states: z.array(z.enum(deliveryStates)) })),
      }),
    ),
  },
  failures: [503],
});

const letter = z.strictObject({
  id: z.string(),
  source: z.enum(['ingest', 'broker']).describe('`ingest`: we gave it up. `broker`: the queue did.'),
  code: z.string(),
  reason: z.string(),
  atMs: z.number().describe('ms, UTC'),
  state: z.enum(deadLetterStates),
  note: z.string().optional(),
  outgoing: queuedEventSchema.optional(),
  text: z.string().optional(),
  eventId: z.string().optional(),
  etag: z.string().optional(),
});
const letters = z.strictObject({ letters: z.array(letter) });
const handled = letters.extend({ skipped: z.number().int() });

export const listDeadLettersRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/dead-letters',
  function: 'list-dead-letters',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Events that were given up',
  query: listRequestSchema,
  answers: { 200: enveloped(letters) },
  failures: [503],
});

export const showDeadLetterRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/dead-letters/{id}',
  function: 'show-dead-letter',
  access: 'admin',
  dialect: 'envelope',
  summary: 'One event that was given up, with the reason',
  params: z.object({ id: z.string() }),
  answers: { 200: enveloped(letters) },
  failures: [503],
});

export const replayDeadLettersRoute = defineRoute({
  method: 'POST',
  path: '/api/admin/dead-letters/replay',
  function: 'replay-dead-letters',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Sends dead letters again; safe to run twice',
  body: { types: json, schema: replayRequestSchema, maxBytes: MAX_BYTES },
  answers: { 200: enveloped(handled) },
  failures: [503],
});

export const discardDeadLettersRoute = defineRoute({
  method: 'POST',
  path: '/api/admin/dead-letters/discard',
  function: 'discard-dead-letters',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Keeps dead letters with a reason and lists them no more',
  body: { types: json, schema: discardRequestSchema, maxBytes: MAX_BYTES },
  answers: { 200: enveloped(handled) },
  failures: [503],
});
