import type { HttpResponseInit } from '@azure/functions';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { responsesOf } from '../../shared/api/failures.ts';
import { createOpenApiDocument } from '../../shared/api/openapi/document.ts';
import { routes } from '../../shared/api/routes.ts';

interface Described {
  paths: Record<string, Record<string, { responses: Record<string, Response> }>>;
}
type Response = { $ref: string } | { content: Record<string, unknown> };

export const openApiDocument = createOpenApiDocument(routes);

// Patterns say what formats say, and JSON Schema does not know OpenAPI's own words.
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(openApiDocument, 'openapi.json');
const validators = new Map<string, ValidateFunction>();

/** Every answer of a test must be one of those that its route describes, with no member more, in the code and in OpenAPI. */
export function expectDescribed(name: string, { status = 200, body, headers }: HttpResponseInit): void {
  const route = routes.find((one) => one.function === name);
  if (!route) return;
  const schema = responsesOf(route).get(status);
  if (!schema) throw new Error(`${name}: status ${status} is not described: ${String(body)}`);
  const [type = ''] = String((headers as Record<string, string> | undefined)?.['content-type']).split(';');
  const pointer = schemaPointer(route.path, route.method, status, type);
  if (typeof body !== 'string' || !/\bjson$/.test(type)) return;
  const { error } = schema.safeParse(JSON.parse(body));
  if (error) throw new Error(`${name}: the answer ${status} is not as described: ${error.message}\n${body}`);
  expectSchema(pointer, JSON.parse(body));
}

/** A value must be as a schema of the document says; `pointer` is its place there, such as `/components/schemas/Failure`. */
export function expectSchema(pointer: string, value: unknown): void {
  let validate = validators.get(pointer);
  if (!validate) {
    validate = ajv.compile({ $ref: `openapi.json#${pointer}` });
    validators.set(pointer, validate);
  }
  if (validate(value)) return;
  throw new Error(`not as ${pointer} of openapi.json: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`);
}

/** Where the document describes an answer. @throws Error when it does not */
export function schemaPointer(path: string, method: string, status: number, type: string): string {
  const response = (openApiDocument as unknown as Described).paths[path]?.[method.toLowerCase()]?.responses[status];
  if (!response) throw new Error(`${method} ${path}: the document has no answer ${status}`);
  const base =
    '$ref' in response
      ? response.$ref.slice(1)
      : `/paths/${pointerName(path)}/${method.toLowerCase()}/responses/${status}`;
  const { content } = '$ref' in response ? componentOf(response.$ref) : response;
  if (!(type in content)) throw new Error(`${method} ${path}: the document has no answer ${status} of type ${type}`);
  return `${base}/content/${pointerName(type)}/schema`;
}

function componentOf(ref: string): { content: Record<string, unknown> } {
  const name = ref.slice('#/components/responses/'.length);
  const { responses } = openApiDocument['components'] as {
    responses: Record<string, { content: Record<string, unknown> }>;
  };
  const found = responses[name];
  if (!found) throw new Error(`${ref} is missing`);
  return found;
}

/** A name inside a JSON pointer that is a fragment of a URI. */
export const pointerName = (name: string): string =>
  encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
