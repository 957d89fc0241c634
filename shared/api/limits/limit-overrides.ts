import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { overrideSchema } from '../../limits/policies/overrides/override.ts';
import { undoSchema } from '../../limits/policies/policy-requests.ts';
import { enveloped } from '../answers.ts';
import { ifMatch } from '../if-match.ts';

/** `id`: the name of a policy. */
const policyParams = z.object({ id: z.string() });
const params = policyParams.extend({
  key: z
    .string()
    .min(1)
    .max(200)
    .describe('The user id, account, access key, use case, model or value of the property, as calls name it.'),
});

const override = overrideSchema.extend({
  name: z.string().describe('Whose limits they are; a user id that was an e-mail address is its pseudonym.'),
  hasEnded: z.boolean().describe('True from `until` on: the maximum is that of the policy again.'),
  etag: z.string().describe('For `if-match`.'),
});

export const listOverridesRoute = defineRoute({
  method: 'GET',
  path: '/api/limits/{id}/overrides',
  function: 'list-limit-overrides',
  access: 'admin',
  dialect: 'envelope',
  summary: 'The users, accounts and so on for whom a policy has another maximum',
  params: policyParams,
  answers: { 200: enveloped(z.strictObject({ policy: z.string(), overrides: z.array(override) })) },
});

export const getOverrideRoute = defineRoute({
  method: 'GET',
  path: '/api/limits/{id}/overrides/{key}',
  function: 'get-limit-override',
  access: 'admin',
  dialect: 'envelope',
  summary: 'The maximum that a policy has for one user, account and so on',
  params,
  answers: { 200: enveloped(override) },
});

export const setOverrideRoute = defineRoute({
  method: 'PUT',
  path: '/api/limits/{id}/overrides/{key}',
  function: 'set-limit-override',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Gives one user, account and so on another maximum, until a time or until it is deleted',
  params,
  headers: ifMatch,
  body: { types: ['application/json'], schema: overrideSchema, maxBytes: 1_000 },
  answers: { 200: enveloped(override) },
  failures: [409, 412, 428],
});

export const deleteOverrideRoute = defineRoute({
  method: 'DELETE',
  path: '/api/limits/{id}/overrides/{key}',
  function: 'delete-limit-override',
  access: 'admin',
  dialect: 'envelope',
  summary: 'The maximum of the policy counts again for this user, account and so on',
  params,
  headers: ifMatch,
  answers: { 200: enveloped(z.strictObject({ deleted: z.string() })) },
  failures: [409, 412, 428],
});

export const undoOverrideRoute = defineRoute({
  method: 'POST',
  path: '/api/limits/{id}/overrides/{key}/undo',
  function: 'undo-limit-override',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Takes back the last change of an override, a deletion too; the audit log has its id',
  params,
  body: { types: ['application/json'], schema: undoSchema, maxBytes: 1_000 },
  answers: {
    200: enveloped(
      z.strictObject({
        override: override.nullable().describe('null where the change had set the first one.'),
        etag: z.string().nullable(),
      }),
    ),
  },
  failures: [409],
});
