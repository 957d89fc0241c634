import { z } from 'zod';
import { decodeRequest, shortText } from '../../http/validate.ts';
import type { JudgedAnswer } from './prompt.ts';

const MAX_QUESTION = 8_000;

const judgeSchema = z.strictObject({
  useCase: z.enum(['trail_analysis', 'trail_finder', 'trail_planner']),
  question: z
    .record(z.string(), z.unknown())
    .refine((question) => JSON.stringify(question).length <= MAX_QUESTION, `is longer than ${MAX_QUESTION} characters`),
  answer: shortText(60_000),
  sources: z
    .array(z.url({ protocol: /^https?$/ }).max(2_000))
    .max(60)
    .nullish()
    .transform((sources) => sources ?? []),
});

/** The body of `POST /api/judge`. @throws RequestError 400 naming the field. */
export function readJudgeRequest(body: unknown): JudgedAnswer {
  const { useCase, ...rest } = decodeRequest(judgeSchema, body);
  return { useCaseName: useCase, ...rest };
}
