import type { Route } from '../../http/route.ts';
import { exampleOf } from './examples.ts';
import { type JsonObject, reference } from './json.ts';
import type { NamedSchemas } from './schemas.ts';

/** The body of a route in each type that it may have. */
export function requestBodyOf(route: Route, schemas: NamedSchemas): JsonObject | undefined {
  const { body } = route;
  if (!body) return undefined;
  const example = exampleOf(route);
  const schema = schemas.requestSchema(body.schema);
  const content = body.types.map((type): [string, JsonObject] => [
    type,
    type === 'multipart/form-data'
      ? { schema: reference('schemas', 'AnalyzeForm') }
      : { schema, ...(example !== undefined && { examples: { usual: { value: example } } }) },
  ]);
  return { required: true, content: Object.fromEntries(content) };
}

/** The form of `POST /api/analyze`: the members of its JSON as parts; the images are files. */
export function formSchemas({ components }: NamedSchemas): JsonObject {
  const json = components['AnalyzeRequest'] as { properties: Record<string, JsonObject> } | undefined;
  if (!json) return {};
  const { images, ...parts } = json.properties;
  return {
    AnalyzeForm: {
      ...json,
      description: 'Objects are sent as JSON. `images` is repeated, once for each photo.',
      properties: { images: { ...images, items: { type: 'string', format: 'binary' } }, ...parts },
    },
  };
}
