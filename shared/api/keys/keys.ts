import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { keyViewSchema } from '../../identity/keys/key-record.ts';
import { changeKeySchema, createKeySchema, rotateKeySchema } from '../../identity/keys/key-requests.ts';
import { enveloped } from '../answers.ts';

const MAX_KEY_BYTES = 50_000;
const json = ['application/json'] as const;
/** The name of a key. */
const params = z.object({ name: z.string() });

/** Lists, so that all of them have one form. Without secrets and their hashes. */
const keys = z.strictObject({ keys: z.array(keyViewSchema) });
/** `key`: what its caller sends. It is not kept, so it is never shown again. */
const keyWithSecret = keys.extend({ key: z.string() });

export const listKeysRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/keys',
  function: 'list-keys',
  access: 'admin',
  dialect: 'envelope',
  summary: 'The access keys that are kept as records, without their secrets',
  answers: { 200: enveloped(keys) },
});

export const createKeyRoute = defineRoute({
  method: 'POST',
  path: '/api/admin/keys',
  function: 'create-key',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Creates an access key and shows it once',
  body: { types: json, schema: createKeySchema, maxBytes: MAX_KEY_BYTES },
  answers: { 201: enveloped(keyWithSecret) },
  failures: [409],
});

export const getKeyRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/keys/{name}',
  function: 'get-key',
  access: 'admin',
  dialect: 'envelope',
  summary: 'One access key, without its secrets',
  params,
  answers: { 200: enveloped(keys) },
});

export const changeKeyRoute = defineRoute({
  method: 'PATCH',
  path: '/api/admin/keys/{name}',
  function: 'change-key',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Changes what an access key allows',
  params,
  body: { types: json, schema: changeKeySchema, maxBytes: MAX_KEY_BYTES },
  answers: { 200: enveloped(keys) },
  failures: [409],
});

export const rotateKeyRoute = defineRoute({
  method: 'POST',
  path: '/api/admin/keys/{name}/rotate',
  function: 'rotate-key',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Gives an access key a second secret and shows it once; the first one ends later',
  params,
  body: { types: json, schema: rotateKeySchema, maxBytes: 1_000 },
  answers: { 200: enveloped(keyWithSecret) },
  failures: [409],
});

export const revokeKeyRoute = defineRoute({
  method: 'DELETE',
  path: '/api/admin/keys/{name}',
  function: 'revoke-key',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Revokes an access key for good, on all instances within a minute; its record stays',
  params,
  answers: { 200: enveloped(keys) },
  failures: [409],
});
