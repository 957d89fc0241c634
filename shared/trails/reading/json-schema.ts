import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import { z } from 'zod';
import { hintsOf } from './field-hints.ts';

type TransformInput = Parameters<typeof transformJSONSchema>[0];

/**
 * The JSON schema that a model gets. Structured outputs take no bounds, so these stand in the descriptions; every member is
 * required, since a model that may leave one out does.
 */
export function jsonSchemaOf(schema: z.ZodObject): Record<string, unknown> {
  const json = z.toJSONSchema(schema, {
    override({ zodSchema, jsonSchema }) {
      const { most } = hintsOf(zodSchema);
      if (most !== undefined) jsonSchema[jsonSchema.type === 'array' ? 'maxItems' : 'maxLength'] = most;
      if (jsonSchema.properties) jsonSchema.required = Object.keys(jsonSchema.properties);
    },
  });
  return transformJSONSchema(json as TransformInput) as Record<string, unknown>;
}
