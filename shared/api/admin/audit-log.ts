import { z } from 'zod';
import { adminChangeSchema } from '../../admin-log/admin-change.ts';
import { defineRoute } from '../../http/route.ts';
import { enveloped } from '../answers.ts';

export const readAuditLogRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/audit-log',
  function: 'read-audit-log',
  access: 'admin',
  dialect: 'envelope',
  summary: 'What admins changed: who, when, from where, before and after; the latest first',
  query: z.object({
    /** The name of a function, such as `revoke-key`. */
    action: z.string().min(1).max(100).optional(),
    /** The name of a key or policy, or the id of a limit. */
    target: z.string().min(1).max(500).optional(),
    /** `next` of an answer: goes on behind it. */
    olderThan: z
      .string()
      .regex(/^\d{13}-[0-9a-f-]{36}$/)
      .optional(),
    most: z.coerce.number().int().min(1).max(500).default(100),
  }),
  answers: { 200: enveloped(z.strictObject({ changes: z.array(adminChangeSchema), next: z.string().nullable() })) },
});
