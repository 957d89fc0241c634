import { z } from 'zod';
import { invalidFields } from '../errors/request-errors.ts';
import { describeIssue } from '../util/describe-issue.ts';
import { cutText, normalizeText } from '../util/text.ts';

/** Of a name that a caller made up, in UTF-16 code units. */
const MAX_SHOWN_NAME = 60;

/** The browser sends null where it means absent. */
export const optional = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value): z.output<T> | undefined => value ?? undefined);

/** Text of a person: normalised, with a visible character, and never longer than what a prompt may hold of it. */
export const shortText = (max: number) => z.string().overwrite(normalizeText).min(1).max(max);

/** The same where blank means absent. */
export const optionalTextOf = (max: number) =>
  z
    .string()
    .overwrite(normalizeText)
    .max(max)
    .nullish()
    .transform((text) => text || undefined);

/**
 * A value of a request in the shape of `schema`.
 * @param required texts of the contract for fields that are missing or empty.
 * @param at path of the value inside the request, e.g. `vehicleInfo`.
 * @throws RequestError 400 naming every wrong field.
 */
export function decodeRequest<T extends z.ZodType>(
  schema: T,
  value: unknown,
  { required = {}, at = '' }: { required?: Record<string, string>; at?: string } = {},
): z.output<T> {
  const decoded = schema.safeParse(value, { error: describeIssue });
  if (decoded.success) return decoded.data;
  const problems = decoded.error.issues.flatMap((issue) => {
    const path = [...(at ? [at] : []), ...issue.path];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        field: [...path, cutText(key, MAX_SHOWN_NAME)].join('.'),
        problem: 'is not known',
        missing: false,
      }));
    const missing = issue.code === 'invalid_type' || issue.code === 'too_small';
    return [{ field: path.join('.') || 'body', problem: issue.message, missing }];
  });
  const first = problems[0];
  const text = first?.missing ? required[first.field] : undefined;
  throw invalidFields(
    problems.map(({ field, problem }) => ({ field, problem })),
    text,
  );
}
