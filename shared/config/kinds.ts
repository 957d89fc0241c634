import { z } from 'zod';
import { alertTargetsSchema } from '../limits/alerts/alert-targets.ts';
import { defaultPolicies, policySchema } from '../limits/policies/policy.ts';
import { jsonText } from '../util/json/json-text.ts';

/** Kinds of settings. An environment variable is text; empty text counts as absent. */

export const optionalSetting = () =>
  z
    .string()
    .transform((text) => text.trim() || undefined)
    .optional();

/** A text of a certain form; `says` names it. */
export const textLike = (form: RegExp, says: string) =>
  optionalSetting().refine((text) => text === undefined || form.test(text), says);

/** Without a default. */
export const optionalWholeNumber = (least: number, most: number) => {
  const says = `is not a whole number from ${least} to ${most}`;
  return z.coerce.number(says).int(says).min(least, says).max(most, says).optional();
};

export const wholeNumber = (otherwise: number, least: number, most: number) =>
  optionalWholeNumber(least, most).default(otherwise);

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

const MAX_PROPERTIES = 5;

/** Names of properties, comma-separated. Few, since each of their values makes groups of its own. */
export const propertyNames = () =>
  commaSeparated().refine(
    (names) => names.length <= MAX_PROPERTIES && names.every((name) => /^[\w.-]{1,64}$/.test(name)),
    `must be at most ${MAX_PROPERTIES} names of A-Z a-z 0-9 _ . -, comma-separated`,
  );

const accessKeySchema = z
  .strictObject({
    key: z.string().min(16),
    role: z.enum(['user', 'admin']).default('user'),
    /** `path`: stands in `/p/{key}/…` and opens nothing else. Any other key must not stand in a path. */
    only: z.literal('path').optional(),
  })
  .refine(({ only, role }) => only !== 'path' || role === 'user', 'a key for paths must have the role user')
  .refine(
    ({ only, key }) => only !== 'path' || /^[\w.~-]+$/.test(key),
    'a key for paths must consist of A-Z a-z 0-9 . _ ~ -',
  );

/** Name to key and role. The key is sent in `x-functions-key`, or as the SDK's key at the gateways. */
const accessKeysSchema = z.record(z.string().min(1), accessKeySchema).superRefine((keys, context) => {
  const names = new Map<string, string>();
  for (const [name, { key }] of Object.entries(keys)) {
    const other = names.get(key);
    if (other !== undefined)
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `has the same key as ${other}; each name needs its own`,
      });
    names.set(key, name);
  }
});
export type AccessKeys = z.output<typeof accessKeysSchema>;
export const accessKeys = () => jsonText(accessKeysSchema).default({});

/** The key of a Google service account, as its JSON file has it. */
const googleAccountSchema = z.object({
  client_email: z.string().min(1),
  private_key: z.string().startsWith('-----BEGIN PRIVATE KEY-----', 'is not a key in PEM'),
  private_key_id: z.string().optional(),
  token_uri: z.url().default('https://oauth2.googleapis.com/token'),
});
export type GoogleAccount = z.output<typeof googleAccountSchema>;
export const googleAccountKey = () => jsonText(googleAccountSchema).optional();

export const policies = () => jsonText(z.array(policySchema)).default(defaultPolicies);

/** Where alerts go: the address of one that takes JSON, or a JSON list of targets. */
export const alertTargets = () =>
  z
    .string()
    .transform((text, context) => {
      if (!text.trim().startsWith('[')) return [{ url: text.trim() }];
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(alertTargetsSchema)
    .optional();
