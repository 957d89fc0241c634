import type { z } from 'zod';
import type { Route } from '../../http/route.ts';
import { type JsonObject, reference } from './json.ts';
import type { NamedSchemas } from './schemas.ts';

/** Headers by which the holder of an access key says whom a call is for. */
export const callerParameters: JsonObject = {
  UserId: {
    name: 'x-user-id',
    in: 'header',
    description: 'For whom the call is made; only with an access key. E-mail addresses become pseudonyms.',
    schema: { type: 'string' },
  },
  AccountName: {
    name: 'x-account-name',
    in: 'header',
    description: 'The account of the user; only with an access key.',
    schema: { type: 'string' },
  },
};

/** On paid routes. */
export const idempotencyParameter: JsonObject = {
  IdempotencyKey: {
    name: 'idempotency-key',
    in: 'header',
    description:
      'Makes a repeated request safe: for 24 hours the same key and request of a caller get the first answer, without a second call of a model.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
};

const callerHeaders = ['x-user-id', 'x-account-name'];

/** Parameters of a route in its path, its query and its headers. */
export function parametersOf(route: Route, schemas: NamedSchemas): JsonObject[] {
  const { params, query, headers, access, path } = route;
  const own = membersOf(headers, 'header', schemas).filter(({ name }) => !callerHeaders.includes(String(name)));
  const namesCaller = access !== 'anyone' && !path.includes('{token}');
  return [
    ...membersOf(params, 'path', schemas),
    ...membersOf(query, 'query', schemas),
    ...own,
    ...(route.paid && route.dialect === 'envelope' ? [reference('parameters', 'IdempotencyKey')] : []),
    ...(namesCaller ? Object.keys(callerParameters).map((name) => reference('parameters', name)) : []),
  ];
}

function membersOf(schema: z.ZodObject | undefined, place: string, { requestSchema }: NamedSchemas): JsonObject[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = requestSchema(schema) as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...member }]) => ({
    name,
    in: place,
    ...(description !== undefined && { description }),
    ...(place === 'path' || required.includes(name) ? { required: true } : {}),
    schema: member,
  }));
}
