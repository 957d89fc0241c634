import { z } from 'zod';
import type { Route } from '../../http/route.ts';
import { policySchema } from '../../limits/policies/policy.ts';
import { vehicleSchema } from '../../trails/vehicle.ts';
import { eventFailure, failureSchemas } from '../answers.ts';
import { metricsSchema } from '../metrics.ts';
import { type JsonObject, pascalCase, reference } from './json.ts';

type Names = Map<z.ZodType, string>;

/** Schemas with a name, as components, and a reference to each. */
export interface NamedSchemas {
  components: JsonObject;
  /** A reference to the component of a schema, or the schema itself where it has no name. */
  requestSchema(schema: z.ZodType): JsonObject;
  answerSchema(schema: z.ZodType): JsonObject;
}

/** Parts that many schemas share. */
const sharedOfRequests: Names = new Map([[vehicleSchema, 'Vehicle']]);
const sharedOfAnswers: Names = new Map<z.ZodType, string>([
  [metricsSchema, 'Metrics'],
  [policySchema, 'Policy'],
  [failureSchemas.envelope, 'Failure'],
  [failureSchemas.bare, 'Problem'],
  [failureSchemas.anthropic, 'AnthropicFailure'],
  [failureSchemas.openai, 'OpenAiFailure'],
  [failureSchemas['payi-proxy'], 'ProxyFailure'],
  [eventFailure, 'EventFailure'],
]);

/**
 * The components of all bodies. A request is described as it is sent, before defaults and transforms; an answer as it is received.
 * Routes that share a schema share its component, under the name of the first.
 */
export function createSchemas(routes: readonly Route[]): NamedSchemas {
  const requests: Names = new Map(sharedOfRequests);
  const answers: Names = new Map(sharedOfAnswers);
  for (const { function: name, body, answers: given } of routes) {
    if (body && !requests.has(body.schema)) requests.set(body.schema, `${pascalCase(name)}Request`);
    for (const schema of Object.values(given))
      if (!answers.has(schema)) answers.set(schema, `${pascalCase(name)}Answer`);
  }
  return {
    components: { ...componentsOf(requests, 'input'), ...componentsOf(answers, 'output') },
    requestSchema: (schema) => schemaOf(schema, requests, 'input'),
    answerSchema: (schema) => schemaOf(schema, answers, 'output'),
  };
}

function schemaOf(schema: z.ZodType, names: Names, io: 'input' | 'output'): JsonObject {
  const name = names.get(schema);
  return name === undefined ? tidy(z.toJSONSchema(schema, { io, override })) : reference('schemas', name);
}

function componentsOf(names: Names, io: 'input' | 'output'): JsonObject {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of names) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, override, uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, tidy(schema)]));
}

/** A record whose keys are all known is an object with these members: what linters and clients understand. */
function override({ jsonSchema }: { jsonSchema: JsonObject }): void {
  const { enum: names } = (jsonSchema['propertyNames'] ?? {}) as { enum?: string[] };
  if (!names) return;
  const { additionalProperties: member } = jsonSchema;
  jsonSchema['properties'] = Object.fromEntries(names.map((name) => [name, member]));
  jsonSchema['additionalProperties'] = false;
  delete jsonSchema['propertyNames'];
}

/** The document has one dialect and one address for all of them. */
function tidy({ $schema: _dialect, $id: _address, ...schema }: JsonObject): JsonObject {
  return schema;
}
