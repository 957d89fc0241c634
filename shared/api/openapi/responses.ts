import { STATUS_CODES } from 'node:http';
import type { Route, RouteDialect } from '../../http/route.ts';
import { responsesOf } from '../failures.ts';
import { codesOf, errorCodes } from './error-codes.ts';
import { eventSchemaName } from './events.ts';
import { type JsonObject, reference } from './json.ts';
import type { NamedSchemas } from './schemas.ts';

/** Headers of answers. */
export const describedHeaders: JsonObject = {
  RequestId: { description: 'Names the request in the log.', schema: { type: 'string' } },
  RetryAfter: { description: 'Seconds after which trying again makes sense.', schema: { type: 'integer' } },
  LimitState: {
    description:
      'Limits that are near or past their maximum: `<limit id>=<state>, …`, or `ok`. Of a limit that users share it has the state, never figures.',
    schema: { type: 'string' },
  },
  LimitFallback: {
    description:
      'Only on the answer of a call that was made in a cheaper form: `policy=<name>, asked=<model>, model=<model>`, and `max_tokens=` or `effort=` where that was lowered.',
    schema: { type: 'string' },
  },
  ETag: { description: 'Of what was changed, for the next `if-match`.', schema: { type: 'string' } },
  UseCaseId: { description: 'The instance that the call was counted for.', schema: { type: 'string' } },
  RateLimitPolicy: {
    description: 'Requests (`q`) in seconds (`w`) that a caller and its access key may make on paid routes.',
    schema: { type: 'string' },
  },
  RateLimit: {
    description: 'Requests that are left (`r`), and the seconds until more are left (`t`), for each policy.',
    schema: { type: 'string' },
  },
  IdempotencyReplayed: {
    description: '`true` on an answer that an earlier request with the same `Idempotency-Key` got first.',
    schema: { type: 'string' },
  },
  RequestCost: {
    description: 'The cost in USD by the app’s price book; absent in event streams.',
    schema: { type: 'string' },
  },
};

const requestId = { 'x-request-id': reference('headers', 'RequestId') };

const JSON_TYPE = 'application/json';
const rates = {
  'ratelimit-policy': reference('headers', 'RateLimitPolicy'),
  ratelimit: reference('headers', 'RateLimit'),
};

/** Every answer of a route by its status. Errors refer to the responses of {@link failureResponses}. */
export function responsesFor(route: Route, schemas: NamedSchemas): JsonObject {
  const described = [...responsesOf(route)].map(([status, schema]): [string, JsonObject] => {
    if (!(status in route.answers)) return [String(status), reference('responses', failureName(route, status))];
    const types = route.answerTypes ?? [JSON_TYPE];
    // Of an answer that comes in several forms, the schema is that of the JSON.
    const schemaOf = (type: string) =>
      type !== JSON_TYPE && types.includes(JSON_TYPE) ? { type: 'string' } : schemas.answerSchema(schema);
    return [
      String(status),
      {
        description: phraseOf(status),
        headers: { ...requestId, ...(route.paid && rates), ...headersOfSuccess(route) },
        content: {
          ...Object.fromEntries(types.map((type) => [type, { schema: schemaOf(type) }])),
          ...(route.events && { 'text/event-stream': { schema: reference('schemas', eventSchemaName(route)) } }),
        },
      },
    ];
  });
  return Object.fromEntries(described);
}

/** The responses of errors that the routes have, one for each dialect and status. */
export function failureResponses(routes: readonly Route[]): JsonObject {
  const all = routes.flatMap((route) =>
    [...responsesOf(route).keys()]
      .filter((status) => !(status in route.answers))
      .map((status): [string, JsonObject] => [failureName(route, status), failureResponse(route.dialect, status)]),
  );
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const schemaNames: Record<RouteDialect, string> = {
  envelope: 'Failure',
  bare: 'Problem',
  anthropic: 'AnthropicFailure',
  openai: 'OpenAiFailure',
  'payi-proxy': 'ProxyFailure',
};

const failureName = ({ dialect }: Pick<Route, 'dialect'>, status: number): string => `${schemaNames[dialect]}${status}`;

/** Where a gateway's errors have the app's codes. */
const codePlaces: Partial<Record<RouteDialect, string>> = {
  anthropic: 'error.details.error_code',
  openai: 'error.code',
};

function failureResponse(dialect: RouteDialect, status: number): JsonObject {
  const codes = codesOf(status);
  const listed = codes.map((code) => `- \`${code}\`: ${errorCodes[code]?.meaning}`);
  const place = codePlaces[dialect];
  const where = place === undefined ? '' : `Errors of the app have one of these codes in \`${place}\`:`;
  const schema = reference('schemas', schemaNames[dialect]);
  // The provider's own errors pass the gateway as they are, with codes of its own.
  const narrowed =
    place !== undefined || codes.length === 0
      ? schema
      : { allOf: [schema, { type: 'object', properties: { code: { enum: codes } } }] };
  return {
    description: [`${phraseOf(status)}.`, ...(where && listed.length > 0 ? [where] : []), listed.join('\n')]
      .filter((part) => part !== '')
      .join('\n\n'),
    headers: {
      ...requestId,
      ...(status === 429 && rates),
      ...([402, 409, 429, 503, 529].includes(status) && { 'retry-after': reference('headers', 'RetryAfter') }),
    },
    content: { [dialect === 'bare' ? 'application/problem+json' : 'application/json']: { schema: narrowed } },
  };
}

const phraseOf = (status: number): string => STATUS_CODES[status] ?? 'The provider is overloaded';

/** Features say which limits are near, and the gateways of SDKs what the call was counted for. */
function headersOfSuccess({ method, dialect, events, paid, headers }: Route): JsonObject {
  if (!events) return headers?.shape['if-match'] && method === 'PUT' ? { etag: reference('headers', 'ETag') } : {};
  const limits = {
    'x-limit-state': reference('headers', 'LimitState'),
    'x-limit-fallback': reference('headers', 'LimitFallback'),
  };
  if (dialect === 'envelope')
    return { ...limits, ...(paid && { 'idempotency-replayed': reference('headers', 'IdempotencyReplayed') }) };
  return {
    ...limits,
    'x-use-case-id': reference('headers', 'UseCaseId'),
    'x-request-cost': reference('headers', 'RequestCost'),
  };
}
