import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { enveloped } from '../answers.ts';

export const listSettingsRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/settings',
  function: 'list-settings',
  access: 'admin',
  dialect: 'envelope',
  summary: 'The settings of the app, without secrets',
  answers: {
    200: enveloped(
      z.strictObject({
        settings: z.array(
          z.strictObject({
            name: z.string(),
            value: z.string().nullable(),
            state: z.enum(['default', 'set', 'secret', 'absent']),
          }),
        ),
      }),
    ),
  },
});
