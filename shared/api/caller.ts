import { z } from 'zod';
import { defineRoute } from '../http/route.ts';
import { enveloped } from './answers.ts';

export const showCallerRoute = defineRoute({
  method: 'GET',
  path: '/api/caller',
  function: 'show-caller',
  access: 'user',
  dialect: 'envelope',
  summary: 'Who the caller is, as this app sees it',
  answers: {
    200: enveloped(
      z.strictObject({
        userId: z.string(),
        accountName: z.string().nullable(),
        role: z.enum(['user', 'admin']),
        via: z.string().describe('How it was found out, such as `access-key` or `session`.'),
        key: z.string().nullable().describe('The name of the access key.'),
      }),
    ),
  },
});
