import { z } from 'zod';

/** Pay-i's usual error body, and the error of one item of a bulk ingest. */
export const apiErrorSchema = z.looseObject({
  message: z.string().nullish(),
  statusCode: z.number().nullish(),
  xproxy_error: z.looseObject({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
});
export type ApiError = z.infer<typeof apiErrorSchema>;

const bulkErrorSchema = z.looseObject({ errors: z.array(z.looseObject({ xproxy_result: apiErrorSchema })).min(1) });

const problemDetailsSchema = z.looseObject({ title: z.string().nullish(), detail: z.string().nullish() });

export interface ReadError {
  code: string | undefined;
  reason: string;
}

/**
 * The code and the text of an error body: ApiError (nearly everywhere), a bulk response
 * (its first error), ProblemDetails (KPI scores), or whatever a
 * gateway in between answers (HTML, text, nothing).
 */
export function readErrorBody({ status, body }: { status: number; body: unknown }): ReadError {
  const api = bulkErrorSchema.safeParse(body).data?.errors[0]?.xproxy_result ?? apiErrorSchema.safeParse(body).data;
  if (api?.xproxy_error || api?.message) {
    const { code, message } = api.xproxy_error ?? {};
    return { code: code ?? undefined, reason: shorten(message || api.message || `status ${status}`) };
  }
  const problem = problemDetailsSchema.safeParse(body).data;
  if (problem?.detail || problem?.title)
    return { code: undefined, reason: shorten(problem.detail || problem.title || '') };
  return { code: undefined, reason: body === undefined ? 'empty answer' : 'an answer that is not of Pay-i' };
}

const shorten = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text).replace(/[.\s]+$/, '');
