import { z } from 'zod';

/** The envelope of a success. */
export const enveloped = <T extends z.ZodType>(data: T) => z.strictObject({ success: z.literal(true), data });

/** The envelope of an error. The front-end shows `error`; programs read `code` and `details`. */
const envelopedFailure = z.strictObject({
  success: z.literal(false),
  error: z.string(),
  code: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** The last event of a stream that failed: the envelope of an error, and what the answer's head would have said. */
export const eventFailure = envelopedFailure.extend({
  status: z.number().int(),
  retryAfterSeconds: z.number().optional(),
});

const anthropicError = z.looseObject({
  type: z.literal('error'),
  error: z.looseObject({ type: z.string(), message: z.string() }),
  request_id: z.string().nullish(),
});

const openAiError = z.looseObject({
  error: z.looseObject({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});

/** RFC 9457; `code` and `details` are ours. */
const problemDetails = z.strictObject({
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** As FastAPI answers: a text, or the list of what is wrong with the body. */
const proxyError = z.strictObject({
  detail: z.union([
    z.string(),
    z.array(
      z.strictObject({
        type: z.string(),
        loc: z.array(z.union([z.string(), z.number()])),
        msg: z.string(),
        input: z.unknown(),
      }),
    ),
  ]),
  code: z.string().optional(),
});

/** The body of every error of a dialect. */
export const failureSchemas = {
  envelope: envelopedFailure,
  bare: problemDetails,
  anthropic: anthropicError,
  openai: openAiError,
  'payi-proxy': proxyError,
} as const;

/** ISO 8601, UTC. */
export const timestamp = z.iso.datetime();

/** When a limit will be spent. */
export const exhaustedAt = z
  .strictObject({ likely: timestamp.nullable(), from: timestamp.nullable(), to: timestamp.nullable() })
  .describe(
    'When the maximum will be spent if calls go on as they do. With a probability of 80 % it is between `from` and `to`; null: not in this period.',
  );
