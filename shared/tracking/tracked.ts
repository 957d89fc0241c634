import type { Middleware } from '@anthropic-ai/sdk';
import { messagesDialect } from '../model/dialect.ts';
import type { ClaudePlatform } from '../model/platforms/claude-platform.ts';
import { endpointSurcharge } from '../model/platforms/surcharge.ts';
import { countTokensBody, countTokensUrl, readTokenCount } from '../model/request/count-tokens.ts';
import { inForm } from '../model/request/form-members.ts';
import type { RequestShape } from '../model/request/request-shape.ts';
import { parseTraceparent } from '../telemetry/spans.ts';
import { isRecord } from '../util/json/record.ts';
import { attemptNumber, repeatsWithinMs } from './attempt-number.ts';
import type { TrackedCall } from './call.ts';
import { createMeter, type MeterOptions } from './meter.ts';

export interface TrackedOptions extends MeterOptions {
  /** Pay-i's category; default `system.anthropic`. Foundry: `system.azure`, Bedrock: `system.aws.bedrock`, Vertex: `system.google.vertex`. */
  category?: string;
  /** What the endpoint of a call adds to its price; default: as its address and the names of its models say. */
  surchargeOf?: ClaudePlatform['surchargeOf'];
  /** The client's own `maxRetries`; the SDK's default is 2. */
  maxRetries?: number;
}

/**
 * Middleware for the official SDK: `new Anthropic({ middleware: [tracked({ … })] })`. Each model call inside a `trackContext`
 * is limited before it is made, metered while its answer passes, and reported before its answer ends. It runs once for each
 * HTTP attempt; all attempts of a call share the SDK's options object, and so one hold. Everything else (token counts, models,
 * token exchanges) passes, batches too, whose requests are priced when they end: neither limited nor metered.
 */
export function tracked(options: TrackedOptions): Middleware {
  const meter = createMeter(options);
  const dialect = messagesDialect(options.category);
  const calls = new WeakMap<object, TrackedCall>();
  const urlOf = lastParsed();

  const { surchargeOf } = options;
  const priced = (shape: RequestShape, url: URL): RequestShape => {
    shape.surcharge = surchargeOf ? surchargeOf(shape) : endpointSurcharge(dialect.category, url, shape);
    return shape;
  };

  return async (request, next, { options: sdk }) => {
    const url = urlOf(request.url);
    if (!sdk || !dialect.meters(request.method ?? 'GET', url.pathname)) return next(request);
    const requestBody = sdk.body ?? JSON.parse(String(request.body));
    const call =
      calls.get(sdk) ??
      meter.open(priced(dialect.readRequest(requestBody, request.headers.get('anthropic-beta')), url));
    calls.set(sdk, call);
    const number = attemptNumber(request.headers);
    // The SDK's own signal stands for its time-out too, but that ends when an answer begins.
    const isAborted = (isAnswered: boolean) =>
      (sdk.signal?.aborted || (isAnswered && request.signal?.aborted)) ?? false;
    return meter.attempt(call, {
      dialect,
      number,
      providerUri: url.origin + url.pathname.replace(/\/v1\/messages$/, ''),
      traceparent: parseTraceparent(request.headers.get('traceparent')),
      changes: {
        valueAt: (name) => (isRecord(requestBody) ? requestBody[name] : undefined),
        priced: (shape) => priced({ ...shape }, url),
      },
      send: (members) => next(members ? { ...request, body: JSON.stringify(inForm(requestBody, members)) } : request),
      isAborted,
      repeatsWithinMs: (answer) =>
        isAborted(false)
          ? 0
          : repeatsWithinMs(answer, number, sdk.maxRetries ?? options.maxRetries ?? 2, options.clock),
      countTokens: async (members) => {
        const body = countTokensBody(inForm(requestBody, members));
        return readTokenCount(await next({ ...request, url: countTokensUrl(request.url), body }));
      },
    });
  };
}

/** A client asks for the same address again and again, and to parse it costs more than to price a call. */
function lastParsed(): (text: string) => URL {
  let last = '';
  let parsed: URL | undefined;
  return (text) => {
    if (!parsed || text !== last) parsed = new URL(text);
    last = text;
    return parsed;
  };
}
