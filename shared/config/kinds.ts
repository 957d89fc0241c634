import { z } from 'zod';
import { defaultPolicies, policySchema } from '../limits/policies/policy.ts';
import { jsonText } from '../util/json-text.ts';

/** Kinds of settings. An environment variable is text; empty text counts as absent. */

export const optionalSetting = () =>
  z
    .string()
    .transform((text) => text.trim() || undefined)
    .optional();

/** A text of a certain form; `says` names it. */
export const textLike = (form: RegExp, says: string) =>
  optionalSetting().refine((text) => text === undefined || form.test(text), says);

export const wholeNumber = (otherwise: number, least: number, most: number) => {
  const says = `is not a whole number from ${least} to ${most}`;
  return z.coerce.number(says).int(says).min(least, says).max(most, says).default(otherwise);
};

export const booleanText = (otherwise: boolean) =>
  z
    .enum(['true', 'false', '1', '0'])
    .transform((text) => text === 'true' || text === '1')
    .default(otherwise);

/** Comma-separated texts. */
export const commaSeparated = () =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean),
    )
    .default([]);

/** Name to key and role. The key is sent in `x-functions-key` (or as the SDK's key at the doors). */
const accessKeySchema = z.strictObject({ key: z.string().min(16), role: z.enum(['user', 'admin']).default('user') });
export const accessKeys = () => jsonText(z.record(z.string().min(1), accessKeySchema)).default({});

export const policies = () => jsonText(z.array(policySchema)).default(defaultPolicies);
