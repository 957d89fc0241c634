import type { HttpRequest } from '@azure/functions';
import type { HttpAnswer } from '../../http/answer.ts';
import type { RequestMemory } from '../../http/memory/request-memory.ts';
import type { AdmittingRoute } from '../../identity/identity.ts';
import { messagesDialect } from '../../model/dialect.ts';
import { countTokensBody, readTokenCount } from '../../model/request/count-tokens.ts';
import { admitRate } from '../../rate-limits/admit-rate.ts';
import { attemptNumber } from '../../tracking/attempt-number.ts';
import { trackContext } from '../../tracking/context.ts';
import type { Meter } from '../../tracking/meter.ts';
import { identifyAtGateway } from '../admission.ts';
import { askWithin } from '../ask-provider.ts';
import { attributionOf } from '../attribution.ts';
import { costComment, outcomeHeaders } from '../call-outcome.ts';
import type { GatewayServices } from '../gateway.ts';
import { passAnswer } from '../pass-answer.ts';
import { withProviderBody } from '../provider-body.ts';
import { anthropicUseCase } from '../use-case-name.ts';
import { errorEvent } from './errors.ts';
import { readMessagesBody } from './request-body.ts';
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
  admitRate(services.rateLimits, caller);
  const track = attributionOf(request.headers, caller, settings, anthropicUseCase);
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
    return answerOf(answer, outcomeHeaders(call), requestId, costComment(request.headers, call));
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
  const ask = askWithin(settings.MODEL_DEADLINE_MS);
  return (path: string, body: Uint8Array | string): Promise<Response> =>
    ask(settings.ANTHROPIC_BASE_URL.replace(/\/$/, '') + path + query, { method: 'POST', headers, body });
}

const answerOf = (
  answer: Response,
  own: Record<string, string>,
  requestId: string,
  comment?: () => string,
): Promise<HttpAnswer> =>
  passAnswer(
    answer,
    { 'request-id': requestId, ...answerHeaders(answer.headers), ...own },
    { errorEvent: errorEvent(requestId), comment },
  );
