import Anthropic, { type Middleware } from '@anthropic-ai/sdk';

export interface AnthropicOptions {
  apiKey: string;
  baseUrl: string;
  /** Outermost first; `tracked(...)` belongs here. */
  middleware?: Middleware[];
  /** ms for one attempt until its headers arrive. */
  timeoutMs?: number;
  maxRetries?: number;
  /** Sends the requests; default: the global one. */
  send?: typeof fetch;
}

/** A provider that wants a longer pause than this is not asked again within one request; seconds. */
const LONGEST_PAUSE_SECONDS = 20;

/**
 * The SDK would sleep for as long as `retry-after` says, an hour if need be. The caller gets the error and the header instead. A
 * `fetch`, since each middleware costs the SDK more than this does.
 */
const withoutLongPauses =
  (send: typeof fetch): typeof fetch =>
  async (input, init) => {
    const answer = await send(input, init);
    if (answer.ok || !(Number(answer.headers.get('retry-after')) > LONGEST_PAUSE_SECONDS)) return answer;
    const headers = new Headers(answer.headers);
    headers.set('x-should-retry', 'false');
    return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
  };

/**
 * The official client as we use it. It never logs requests (debug logs hold prompts, whatever `ANTHROPIC_LOG` says), makes no
 * spans (their attributes cost as much as metering, and the app has no tracer) and sends no trace headers to the provider.
 */
export function createAnthropic({
  apiKey,
  baseUrl,
  middleware = [],
  timeoutMs,
  maxRetries,
  send = (input, init) => fetch(input, init),
}: AnthropicOptions): Anthropic {
  return new Anthropic({
    apiKey,
    baseURL: baseUrl,
    middleware,
    fetch: withoutLongPauses(send),
    logLevel: 'warn',
    openTelemetry: false,
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
    ...(maxRetries !== undefined && { maxRetries }),
  });
}
