import { z } from 'zod';
import { jsonText } from '../util/json/json-text.ts';
import { commaSeparated, optionalSetting } from './kinds.ts';

/** The ways to find out who calls, in the order of the default. */
export const identityWays = ['access-key', 'jwt', 'session', 'app-service', 'development'] as const;
export type IdentityWay = (typeof identityWays)[number];

/** Keys must not be read over an open line, except from this machine. */
const keysUrl = z
  .url()
  .refine((text) => /^https:\/\/|^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(text), 'must begin with https://');

const issuerSchema = z.strictObject({
  /** The exact `iss` of its tokens. */
  issuer: z.string().min(1),
  /** One of these must be in `aud`. */
  audience: z.union([
    z
      .string()
      .min(1)
      .transform((text) => [text]),
    z.array(z.string().min(1)).min(1),
  ]),
  jwksUrl: keysUrl,
  /** The claim of the user's id. */
  user: z.string().min(1).default('sub'),
  account: z.string().min(1).optional(),
  /** The claim of the roles, and which of its values make an admin. */
  role: z.string().min(1).default('roles'),
  adminRoles: z.array(z.string().min(1)).default(['admin']),
});

/** Issuers of bearer tokens, as JSON. */
export const tokenIssuers = () => jsonText(z.array(issuerSchema)).default([]);

export const identityOrder = () =>
  commaSeparated()
    .pipe(z.array(z.enum(identityWays, `must be of ${identityWays.join(', ')}`)))
    .refine((ways) => new Set(ways).size === ways.length, 'names one way twice')
    .transform((ways): IdentityWay[] => (ways.length === 0 ? [...identityWays] : ways));

/** As App Service writes it: `True`. */
export const platformBoolean = () => optionalSetting().transform((text) => /^(true|1)$/i.test(text ?? ''));
