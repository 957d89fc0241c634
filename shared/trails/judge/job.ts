import { z } from 'zod';

/** A message of the queue `judge-jobs`. What is to be judged is sealed: no answer may lie readable in a queue. */
export const judgeJobSchema = z.object({
  schemaVersion: z.literal(1),
  /** The instance that gave the answer. */
  useCaseName: z.string().min(1),
  useCaseId: z.string().min(1),
  userId: z.string().min(1),
  accountName: z.string().min(1).optional(),
  /** Of the access key that asked; its limits count the judging too. */
  keyName: z.string().min(1).optional(),
  /** The HTTP request that gave the answer. */
  requestId: z.string().min(1).optional(),
  /** Of the span that gave the answer. */
  traceparent: z.string().optional(),
  /** 1 for the first attempt. */
  attempt: z.number().int().min(1),
  /** A {@link sealedContentSchema}. */
  sealed: z.string().min(1),
});
export type JudgeJob = z.infer<typeof judgeJobSchema>;

export const sealedContentSchema = z.object({
  question: z.record(z.string(), z.unknown()),
  answer: z.string(),
  sources: z.array(z.string()),
});
export type SealedContent = z.infer<typeof sealedContentSchema>;

/** What a seal is bound to: a job's content can't be moved to another instance. */
export const sealedAbout = ({ useCaseName, useCaseId }: Pick<JudgeJob, 'useCaseName' | 'useCaseId'>): string =>
  `${useCaseName}/${useCaseId}`;
