import { z } from 'zod';
import { defaultPolicies, policySchema } from './policy.ts';

/** Kinds of settings. An environment variable is text; empty text counts as absent. */

export const optionalText = () =>
  z
    .string()
    .transform((text) => text.trim() || undefined)
    .optional();

/** A text of a certain form; `says` tells which. */
export const textLike = (form: RegExp, says: string) =>
  optionalText().refine((text) => text === undefined || form.test(text), says);

export const wholeNumber = (otherwise: number, least: number, most: number) => {
  const says = `is no whole number from ${least} to ${most}`;
  return z.coerce.number(says).int(says).min(least, says).max(most, says).default(otherwise);
};

export const booleanText = (otherwise: boolean) =>
  z
    .enum(['true', 'false', '1', '0'])
    .transform((text) => text === 'true' || text === '1')
    .default(otherwise);

/** Comma-separated texts. */
export const list = () =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean),
    )
    .default([]);

/** A JSON text of the given shape. */
export const json = <T extends z.ZodType>(shape: T) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(shape);

/** Name to key and role. The key is sent in `x-functions-key` (or as the SDK's key at the doors). */
const accessKeySchema = z.strictObject({ key: z.string().min(16), role: z.enum(['user', 'admin']).default('user') });
export const accessKeys = () => json(z.record(z.string().min(1), accessKeySchema)).default({});

export const policies = () => json(z.array(policySchema)).default(defaultPolicies);
