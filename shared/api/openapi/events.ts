import type { Route, RouteDialect } from '../../http/route.ts';
import { successStatus } from '../../http/route.ts';
import { type JsonObject, pascalCase, reference } from './json.ts';
import type { NamedSchemas } from './schemas.ts';

/** The component that describes one event of a route's stream. */
export const eventSchemaName = ({ function: name }: Pick<Route, 'function'>): string => `${pascalCase(name)}Event`;

/**
 * The events of streams as components. OpenAPI 3.1 has no words for a sequence of events, so, as is usual, the schema of
 * `text/event-stream` is that of one event: its name, and its data, which is JSON in one line.
 */
export function eventSchemas(routes: readonly Route[], schemas: NamedSchemas): JsonObject {
  const streaming = routes.filter(({ events }) => events === true);
  return Object.fromEntries(
    streaming.map((route) => [eventSchemaName(route), providerEvents[route.dialect] ?? featureEvent(route, schemas)]),
  );
}

const providerEvents: Partial<Record<RouteDialect, JsonObject>> = {
  anthropic: {
    description: 'An event of the Messages API as the provider sent it.',
    ...event({ type: 'string' }, { type: 'object', properties: { type: { type: 'string' } }, required: ['type'] }),
  },
  openai: {
    description: 'An event of the provider as it sent it. The last one of chat completions is `[DONE]`.',
    type: 'object',
    properties: { data: { type: ['object', 'string'] } },
    required: ['data'],
  },
};

function featureEvent(route: Route, { answerSchema }: NamedSchemas): JsonObject {
  const answer = route.answers[successStatus(route)];
  return {
    description:
      'One event. First `accepted`, then what the model does, last `result` with the answer or `error`. Lines that begin with a ' +
      'colon keep the connection open.',
    oneOf: [
      event({ const: 'accepted' }, { type: 'object' }),
      event({ const: 'reading' }, { type: 'object', properties: { images: count, results: count } }),
      event({ const: 'searching' }, text('query')),
      event({ const: 'writing' }, text('text')),
      event({ const: 'result' }, answer ? answerSchema(answer) : {}),
      event({ const: 'error' }, reference('schemas', 'EventFailure')),
    ],
  };
}

const count: JsonObject = { type: 'integer' };

const text = (member: string): JsonObject => ({
  type: 'object',
  properties: { [member]: { type: 'string' } },
  required: [member],
});

function event(name: JsonObject, data: JsonObject): JsonObject {
  return { type: 'object', properties: { event: name, data }, required: ['event', 'data'] };
}
