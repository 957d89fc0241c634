import { expect, test } from 'vitest';
import { z } from 'zod';
import { responsesOf } from '../../shared/api/failures.ts';
import { routes } from '../../shared/api/routes.ts';

/** A schema, or those of which one must fit. */
const formsOf = (schema: z.core.JSONSchema.BaseSchema) => schema.anyOf ?? [schema];

/** A schema that has no JSON schema could be in no document and no client. */
test.each(routes.map((route) => [route.function, route] as const))('%s can be described', (_name, route) => {
  for (const schema of [route.params, route.query, route.headers, route.body?.schema])
    for (const form of schema ? formsOf(z.toJSONSchema(schema, { io: 'input' })) : [])
      expect(form).toMatchObject({ type: 'object' });
  for (const schema of responsesOf(route).values()) expect(() => z.toJSONSchema(schema)).not.toThrow();
});

test('every parameter of a path has a schema, and no other', () => {
  for (const { path, params } of routes) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(params?.shape ?? {})).toEqual(named);
  }
});
