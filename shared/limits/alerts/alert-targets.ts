import { z } from 'zod';
import { alertFormats } from './alert-formats.ts';
import { webhookSecretPattern } from './sign-alert.ts';

/** Where alerts go. */
export const alertTargetSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  format: z.enum(alertFormats).default('json'),
  /** Signs each request; see `signedHeaders`. */
  secret: z.string().regex(webhookSecretPattern, 'must be whsec_ and 24 to 64 bytes in base64').optional(),
});
export type AlertTarget = z.infer<typeof alertTargetSchema>;

const MAX_TARGETS = 10;
export const alertTargetsSchema = z.array(alertTargetSchema).max(MAX_TARGETS);
