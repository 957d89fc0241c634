import { z } from 'zod';
import { shortText } from '../../http/validate.ts';
import { judgedUseCases } from './prompt.ts';

const MAX_QUESTION = 8_000;

/** The body of `POST /api/judge`. */
export const judgeSchema = z.strictObject({
  useCase: z.enum(judgedUseCases),
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
