import { z } from 'zod';
import { keyNameSchema, keyRightsSchema } from './key-record.ts';

/** A key as an admin creates it. */
export const createKeySchema = keyRightsSchema.extend({
  name: keyNameSchema,
  role: keyRightsSchema.shape.role.default('user'),
  namesUsers: z.boolean().default(false),
});
export type CreateKey = z.output<typeof createKeySchema>;

const { account, useCases, models, routes, expiresAt } = keyRightsSchema.shape;

/** What an admin may change of a key. null takes a restriction away. */
export const changeKeySchema = z.strictObject({
  role: keyRightsSchema.shape.role.optional(),
  account: account.nullable(),
  useCases: useCases.nullable(),
  models: models.nullable(),
  routes: routes.nullable(),
  namesUsers: z.boolean().optional(),
  expiresAt: expiresAt.nullable(),
});
export type ChangeKey = z.output<typeof changeKeySchema>;

/** A second secret; the one before stays valid for `keepOldHours`, and ends at once with 0. */
export const rotateKeySchema = z.strictObject({ keepOldHours: z.number().min(0).max(720).default(24) });
