import type { HttpRequest } from '@azure/functions';
import type { HttpAnswer } from '../../http/answer.ts';
import { limitState } from '../../http/limit-state.ts';
import type { RequestMemory } from '../../http/memory/request-memory.ts';
import type { AdmittingRoute } from '../../identity/identity.ts';
import { messagesDialect } from '../../model/dialect.ts';
import { countTokensBody, readTokenCount } from '../../model/request/count-tokens.ts';
import { attemptNumber } from '../../tracking/attempt-number.ts';
import type { TrackedCall } from '../../tracking/call.ts';
import { trackContext } from '../../tracking/context.ts';
import type { Meter } from '../../tracking/meter.ts';
import { usdText } from '../../util/money.ts';
import { identifyAtGateway } from '../admission.ts';
import type { GatewayServices } from '../gateway.ts';
import { attributionOf } from './attribution.ts';
import { errorBody, upstreamError } from './errors.ts';
import { withProviderBody } from './provider-body.ts';
import { readMessagesBody } from './request-body.ts';
import { endingWell } from './stream-end.ts';
import { answerHeaders, upstreamHeaders } from './upstream.ts';

/** What counting tokens needs. */
export interface CountingServices extends GatewayServices {
  memory: RequestMemory;
}

export interface AnthropicGatewayServices extends CountingServices {
  meter: Meter;
}

const dialect = messagesDialect();

/**
 * One call of the Messages API, JSON or events: the provider gets the body byte for byte and the client gets the answer byte
 * for byte. Between them it is attributed, limited and metered like any other call.
 */
export async function passMessage(
  request: HttpRequest,
  services: AnthropicGatewayServices,
  requestId: string,
  route: AdmittingRoute,
): Promise<HttpAnswer> {
  const { settings, meter } = services;
  const caller = await identifyAtGateway(request, services, route);
  const track = attributionOf(request.headers, caller, settings);
  return withProviderBody(request, services, async (bytes) => {
    const body = readMessagesBody(bytes);
    const upstream = upstreamOf(request, services);
    const { call, answer } = await trackContext(track, async () => {
      const call = meter.open(dialect.readRequest(body, request.headers.get('anthropic-beta')));
      const answer = await meter.attempt(call, {
        dialect,
        number: attemptNumber(request.headers),
        providerUri: settings.ANTHROPIC_BASE_URL,
        send: () => upstream('/v1/messages', bytes),
        countTokens: async () => readTokenCount(await upstream('/v1/messages/count_tokens', countTokensBody(body))),
        isAborted: () => false,
        repeatsWithinMs: () => 0,
      });
      return { call, answer };
    });
    return answerOf(answer, attributionHeaders(call), requestId);
  });
}

/** Counting is free: admitted, then passed. */
export async function passTokenCount(
  request: HttpRequest,
  services: CountingServices,
  requestId: string,
  route: AdmittingRoute,
): Promise<HttpAnswer> {
  await identifyAtGateway(request, services, route);
  return withProviderBody(request, services, async (bytes) => {
    const answer = await upstreamOf(request, services)('/v1/messages/count_tokens', bytes);
    return answerOf(answer, {}, requestId);
  });
}

function upstreamOf(request: HttpRequest, { settings }: GatewayServices) {
  const headers = upstreamHeaders(request.headers, settings.ANTHROPIC_API_KEY ?? '');
  const query = new URL(request.url).search;
  const signal = AbortSignal.timeout(settings.MODEL_DEADLINE_MS);
  return async (path: string, body: Uint8Array | string): Promise<Response> => {
    try {
      return await fetch(settings.ANTHROPIC_BASE_URL.replace(/\/$/, '') + path + query, {
        method: 'POST',
        headers,
        body,
        signal,
      });
    } catch (cause) {
      if (signal.aborted) throw upstreamError('The provider did not answer in time.', 504, cause);
      throw upstreamError('The provider could not be reached.', 502, cause);
    }
  };
}

async function answerOf(answer: Response, own: Record<string, string>, requestId: string): Promise<HttpAnswer> {
  if (answer.status === 401 || answer.status === 403) throw upstreamError('The provider refused our key.', 502);
  const headers: Record<string, string> = { 'request-id': requestId, ...answerHeaders(answer.headers), ...own };
  const isStream = headers['content-type']?.startsWith('text/event-stream');
  if (isStream && answer.body) {
    const body = endingWell(answer.body, (error) => errorBody(error, requestId));
    return { status: answer.status, headers, body };
  }
  return { status: answer.status, headers, body: new Uint8Array(await answer.arrayBuffer()) };
}

/**
 * A stream's cost is not known when its headers leave, and an HTTP function can send no trailers: `x-request-cost` is on JSON
 * answers only. What a stream cost stands at Pay-i, at the instance `x-use-case-id`.
 */
function attributionHeaders(call: TrackedCall): Record<string, string> {
  const cost = call.report?.costNanoUsd;
  const warnings = call.report?.warnings ?? call.hold?.warnings ?? [];
  return {
    'x-use-case-id': call.useCase.id,
    ...limitState(warnings),
    ...(typeof cost === 'bigint' && { 'x-request-cost': usdText(cost) }),
  };
}
