import { z } from 'zod';

const problemSchema = z.strictObject({
  status: z.number().int().min(400).max(599),
  type: z.string().optional(),
  message: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** What a coming call gets instead of, or beside, the answer that the stand-in would give. Times are milliseconds. */
export const outcomeSchema = z.strictObject({
  /** How many calls it is for; default 1. */
  times: z.number().int().min(1).optional(),
  /** Only calls of this feature take it; without, whichever comes next. */
  feature: z.enum(['analysis', 'finder', 'planner', 'judge', 'other']).optional(),
  /** Waits before the status line. */
  delayMs: z.number().int().min(0).optional(),
  /** An error answer, in the provider's envelope. */
  error: problemSchema.optional(),
  /** Headers in addition to the usual ones, e.g. `retry-after`, `x-should-retry`. */
  headers: z.record(z.string(), z.string()).optional(),
  /** A body that is sent as it is, with `error.status` or 200: HTML, an empty text, … */
  rawBody: z.string().optional(),
  /** The text of the answer, whatever was asked. `{tag}` stands for the tag that the prompt asks the answer in. */
  text: z.string().optional(),
  /** The blocks of the answer as they are; wins over `text`. */
  content: z.array(z.looseObject({ type: z.string() })).optional(),
  stopReason: z
    .enum([
      'end_turn',
      'max_tokens',
      'stop_sequence',
      'tool_use',
      'pause_turn',
      'refusal',
      'model_context_window_exceeded',
    ])
    .optional(),
  /** The model that the answer names. */
  model: z.string().optional(),
  /** Replaces members of the usage. */
  usage: z.record(z.string(), z.unknown()).optional(),
  /** How many searches are run, where the request has the tool. */
  searches: z.number().int().min(0).optional(),
  /** Each search answers with this error inside HTTP 200, e.g. `max_uses_exceeded`; not billed. */
  webSearchError: z
    .enum([
      'invalid_tool_input',
      'unavailable',
      'max_uses_exceeded',
      'too_many_requests',
      'query_too_long',
      'request_too_large',
    ])
    .optional(),
  /** Breaks the answer off after so many events (of a JSON answer: in its middle). */
  breakAfter: z
    .strictObject({
      events: z.number().int().min(0).default(0),
      /** `cut`: the socket dies. `end`: a clean end without `message_stop`. `stall`: silence until the client leaves. */
      how: z.enum(['cut', 'end', 'stall', 'error']),
      /** For `error`: what the `error` event says; default overloaded_error. */
      error: problemSchema.optional(),
    })
    .optional(),
  /** Of a request in a batch: it did not run, or its line is left out of the results. */
  batchResult: z.enum(['canceled', 'expired', 'missing']).optional(),
  /** Waits between the events of a stream. */
  eventDelayMs: z.number().int().min(0).optional(),
});
export type Outcome = z.infer<typeof outcomeSchema>;
export type OutcomeInput = z.input<typeof outcomeSchema>;

/** The outcomes that tests queued for the coming calls. */
export class Script {
  #queue: Outcome[] = [];

  /** Appends outcomes. @throws ZodError for one that is not an outcome. */
  add(outcomes: readonly OutcomeInput[]): void {
    for (const outcome of outcomes) {
      const { times = 1, ...once } = outcomeSchema.parse(outcome);
      this.#queue.push(...Array.from({ length: times }, () => once));
    }
  }

  /** Takes the first outcome that is for a call of `feature`; an empty one when there is none. */
  next(feature: string): Outcome {
    const index = this.#queue.findIndex((outcome) => outcome.feature === undefined || outcome.feature === feature);
    return this.#queue.splice(index, index < 0 ? 0 : 1)[0] ?? {};
  }

  clear(): void {
    this.#queue = [];
  }

  get length(): number {
    return this.#queue.length;
  }
}
