import { z } from 'zod';
import { checkNames } from '../../diagnosis/check.ts';
import { defineRoute } from '../../http/route.ts';
import { enveloped } from '../answers.ts';

export const diagnoseRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/diagnosis',
  function: 'diagnose',
  access: 'admin',
  dialect: 'envelope',
  summary:
    'Looks at settings, tables, queues, clock, provider and Pay-i; says in words what is wrong and how to mend it',
  answers: {
    200: enveloped(
      z.strictObject({
        ok: z.boolean(),
        checks: z.array(
          z.strictObject({
            name: z.enum(checkNames),
            ok: z.boolean(),
            found: z.string(),
            /** null where nothing is wrong. */
            mend: z.string().nullable(),
          }),
        ),
      }),
    ),
  },
});
