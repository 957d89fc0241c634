import type { Route } from '../../http/route.ts';
import { eventSchemas } from './events.ts';
import { camelCase, type JsonObject } from './json.ts';
import { callerParameters, idempotencyParameter, parametersOf } from './parameters.ts';
import { formSchemas, requestBodyOf } from './request-body.ts';
import { describedHeaders, failureResponses, responsesFor } from './responses.ts';
import { createSchemas, type NamedSchemas } from './schemas.ts';
import { securityOf, securitySchemes } from './security.ts';
import { tagOf, tagsOf } from './tags.ts';

/** As in package.json. */
export const API_VERSION = '0.2.0';

const DESCRIPTION = `AI trail features in which every model call is attributed, metered, limited and reported to Pay-i.

Every answer has \`x-request-id\`. Errors have a stable \`code\`; texts are for people and may change. A path that is not listed here
is 404 (\`not_found\`, on the Anthropic gateway \`not_supported\`), and another method than the listed ones 405
(\`method_not_allowed\`). \`OPTIONS\` is answered for every path.`;

/** The description of the API in OpenAPI 3.1, made from the list of routes and their schemas. */
export function createOpenApiDocument(routes: readonly Route[]): JsonObject {
  const schemas = createSchemas(routes);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Trailmeter',
      version: API_VERSION,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The app that serves this document' }],
    tags: tagsOf(routes),
    paths: pathsOf(routes, schemas),
    components: {
      schemas: { ...schemas.components, ...formSchemas(schemas), ...eventSchemas(routes, schemas) },
      responses: failureResponses(routes),
      parameters: { ...callerParameters, ...idempotencyParameter },
      headers: describedHeaders,
      securitySchemes,
    },
  };
}

function pathsOf(routes: readonly Route[], schemas: NamedSchemas): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    path[route.method.toLowerCase()] = operationOf(route, schemas);
    paths[route.path] = path;
  }
  return paths;
}

function operationOf(route: Route, schemas: NamedSchemas): JsonObject {
  const parameters = parametersOf(route, schemas);
  const requestBody = requestBodyOf(route, schemas);
  return {
    operationId: camelCase(route.function),
    summary: route.summary,
    tags: [tagOf(route)],
    security: securityOf(route),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses: responsesFor(route, schemas),
  };
}
