import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { modelFailures } from '../failures.ts';
import { callHeaders } from './call-headers.ts';

/** The provider reads the body; these members are what the gateway looks at. */
const batchBody = z.looseObject({
  requests: z
    .array(
      z.looseObject({
        custom_id: z.string().min(1).max(64),
        params: z.looseObject({
          model: z.string(),
          max_tokens: z.number().int(),
          messages: z.array(z.looseObject({ role: z.string() })),
        }),
      }),
    )
    .min(1),
});

const batch = z.looseObject({
  type: z.literal('message_batch'),
  id: z.string(),
  processing_status: z.string(),
  results_url: z.string().nullable(),
});

const common = { access: 'user', dialect: 'anthropic' } as const;
const params = z.object({ batch: z.string() });
const path = '/anthropic/v1/messages/batches/{batch}';
const failures = [429, 502, 504, 529] as const;

export const passNewBatchRoute = defineRoute({
  ...common,
  method: 'POST',
  path: '/anthropic/v1/messages/batches',
  function: 'pass-new-batch',
  summary: 'A new batch of messages: what it can cost at most is held until its results are metered',
  headers: callHeaders.omit({ 'x-cost-in-stream': true }),
  body: { types: ['application/json'], schema: batchBody },
  answers: { 200: batch },
  failures: [...modelFailures, 404],
  paid: true,
});

export const passBatchesRoute = defineRoute({
  ...common,
  method: 'GET',
  path: '/anthropic/v1/messages/batches',
  function: 'pass-batches',
  summary: "The caller's batches",
  query: z.object({ limit: z.string().optional(), after_id: z.string().optional(), before_id: z.string().optional() }),
  answers: {
    200: z.looseObject({
      data: z.array(batch),
      has_more: z.boolean(),
      first_id: z.string().nullable(),
      last_id: z.string().nullable(),
    }),
  },
  failures: [404, ...failures],
});

export const passBatchRoute = defineRoute({
  ...common,
  method: 'GET',
  path,
  function: 'pass-batch',
  summary: 'One batch of the caller',
  params,
  answers: { 200: batch },
  failures,
});

export const passBatchCancelRoute = defineRoute({
  ...common,
  method: 'POST',
  path: `${path}/cancel`,
  function: 'pass-batch-cancel',
  summary: 'Cancels what of a batch did not run yet',
  params,
  answers: { 200: batch },
  failures,
});

export const passBatchResultsRoute = defineRoute({
  ...common,
  method: 'GET',
  path: `${path}/results`,
  function: 'pass-batch-results',
  summary: 'The results of a batch, once each is metered',
  params,
  answers: { 200: z.string() },
  answerTypes: ['application/x-jsonl'],
  failures,
});

export const passBatchDeleteRoute = defineRoute({
  ...common,
  method: 'DELETE',
  path,
  function: 'pass-batch-delete',
  summary: 'Deletes a batch that has ended',
  params,
  answers: { 200: z.looseObject({ id: z.string(), type: z.literal('message_batch_deleted') }) },
  failures,
});
