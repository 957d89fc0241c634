import type { Settings } from '../config/settings.ts';
import type { Caller } from '../identity/caller.ts';
import type { CallCheck } from '../limits/gate/check-limits.ts';
import type { Fallback } from '../limits/gate/fallback.ts';
import type { LimitService } from '../limits/limit-service.ts';
import { isShared } from '../limits/policies/policy.ts';
import { type Figures, figuresOf } from '../limits/policies/units.ts';
import { chatDialect, type Dialect, embeddingsDialect, messagesDialect, responsesDialect } from '../model/dialect.ts';
import { claudePlatform } from '../model/platforms/claude-platform.ts';
import { countTokensBody, readTokenCount } from '../model/request/count-tokens.ts';
import { type FormMembers, inForm } from '../model/request/form-members.ts';
import type { RequestShape } from '../model/request/request-shape.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { openCall } from '../tracking/call.ts';
import { trackContext } from '../tracking/context.ts';
import { fallbackOf } from '../tracking/fallback/fallback-of.ts';
import { offerCheaper } from '../tracking/fallback/offer-cheaper.ts';
import { holdRequestOf } from '../tracking/holds/hold-request.ts';
import { permittedForms } from '../use-cases/use-cases.ts';
import type { Clock } from '../util/clock.ts';
import { uuidV7 } from '../util/ids.ts';
import { isRecord } from '../util/json/record.ts';
import { toUsd } from '../util/money.ts';
import { refuseUnsupported } from './anthropic/refuse-unsupported.ts';
import { anthropicProvider } from './anthropic/upstream.ts';
import { attributionOf } from './attribution.ts';
import type { CheckedApi } from './checked-apis.ts';
import { pricedAt, pricedShape, upstreamOf } from './openai/upstream.ts';
import { anthropicUseCase, openaiUseCase } from './use-case-name.ts';

const dialects: Record<CheckedApi, (category: string) => Dialect> = {
  messages: messagesDialect,
  chat_completions: chatDialect,
  responses: responsesDialect,
  embeddings: embeddingsDialect,
};

export interface CheckServices {
  settings: Settings;
  limits: Pick<LimitService, 'check'>;
  telemetry: Telemetry;
  clock: Clock;
}

/** A call that a gateway would get: which API, the headers and the body. */
export interface CheckedCall {
  api: CheckedApi;
  headers: Headers;
  body: unknown;
}

/** Whether a call would pass the limits as they are now, and why. USD. */
export interface CheckAnswer {
  passes: boolean;
  boundUsd: number;
  /** True where the provider counted the prompt. */
  isCounted: boolean;
  refusal: { code: string; status: number; message: string; details: Record<string, unknown> } | null;
  /** The cheaper form in which it would be made; null: as it is. */
  fallback: Fallback | null;
  parts: { member: string; why: string; usd: number }[];
  limits: CheckedLimitView[];
}

/** One limit that the call counts against; of one that users share only an admin sees what is left. */
export type CheckedLimitView = { limitId: string; policy: string; passes: boolean } & (
  | Figures<'needed'>
  | Figures<'needed' | 'left'>
);

/**
 * What would happen to a call of a gateway, without making it and without a hold. The provider is asked to count the prompt only
 * where the call does not fit by its bytes; that is free.
 * @throws RequestError 400, 403, 404 as the gateway does; TableError where the limits can't be read
 */
export async function checkCall(
  { api, headers, body }: CheckedCall,
  caller: Caller,
  services: CheckServices,
): Promise<CheckAnswer> {
  const { settings, clock, telemetry, limits } = services;
  if (api === 'messages') refuseUnsupported(body);
  const track = attributionOf(headers, caller, settings, api === 'messages' ? anthropicUseCase : openaiUseCase);
  const { category, shape, priced } = reachedBy(api, headers, body, settings);
  const dialect = dialects[api](category);
  const [startedMs, eventId] = [clock.now(), uuidV7(clock.now())];
  const countTokens = (members?: FormMembers) => countPrompt(inForm(body, members), headers, settings);
  const attempt = {
    dialect,
    changes: { valueAt: (name: string) => (isRecord(body) ? body[name] : undefined), priced },
    ...(api === 'messages' && { countTokens }),
  };
  const { request, formsOf } = trackContext(track, () => {
    const call = openCall(shape);
    const request = holdRequestOf(call, attempt, eventId, startedMs, telemetry);
    const permitted = permittedForms(call.useCase.name);
    return { request, formsOf: offerCheaper(request, { call, attempt, eventId, startedMs, telemetry }, permitted) };
  });
  if (settings.LIMITS_ENABLED) {
    const check = await limits.check(request);
    const form = check.fellBack && formsOf()[check.fellBack.place];
    const fallback = check.fellBack && form ? fallbackOf(check.fellBack.limitId, shape, form) : null;
    return answerOf(check, caller, fallback);
  }
  const explanation = request.explain?.('usd', 0n, undefined) ?? { parts: [], fits: [] };
  const boundNanoUsd = request.bound.nanoUsd;
  const open = { boundNanoUsd, isCounted: false, limits: [], full: undefined, refusal: undefined, explanation };
  return answerOf(open, caller, null);
}

/** What a gateway bounds a call by: the provider that it goes to decides on its price. */
function reachedBy(api: CheckedApi, headers: Headers, body: unknown, settings: Settings) {
  const shape = dialects[api]('').readRequest(body, headers.get('anthropic-beta'));
  if (api === 'messages') {
    const { category, surchargeOf } = claudePlatform(settings);
    const priced = (of: RequestShape) => ({ ...of, surcharge: surchargeOf(of) });
    return { category, shape: priced(shape), priced };
  }
  const upstream = upstreamOf(shape.model, settings);
  const priced = (other: RequestShape) => pricedAt(upstream, other, settings);
  return { category: upstream.category, shape: pricedShape(shape, upstream), priced };
}

async function countPrompt(body: unknown, given: Headers, settings: Settings): Promise<number> {
  const headers = new Headers(given);
  if (!headers.has('anthropic-version')) headers.set('anthropic-version', '2023-06-01');
  const ask = anthropicProvider({ headers, url: '' }, settings);
  return readTokenCount(
    await ask('/v1/messages/count_tokens', { body: [Buffer.from(countTokensBody(body))], query: '' }),
  );
}

const answerOf = (
  { boundNanoUsd, isCounted, limits, refusal, explanation }: CallCheck,
  { role }: Pick<Caller, 'role'>,
  fallback: Fallback | null,
): CheckAnswer => ({
  passes: refusal === undefined,
  boundUsd: toUsd(boundNanoUsd),
  isCounted,
  refusal: refusal
    ? { code: refusal.code, status: refusal.status, message: refusal.message, details: refusal.details }
    : null,
  fallback,
  parts: explanation.parts.map(({ member, why, amount }) => ({ member, why, usd: toUsd(amount) })),
  limits: limits.map(({ limit: { limitId, policy }, neededNano, leftNano, passes }) => ({
    limitId,
    policy: policy.name,
    passes,
    ...(role === 'admin' || !isShared(policy)
      ? figuresOf<'needed' | 'left'>(policy.unit, { needed: neededNano, left: leftNano })
      : figuresOf<'needed'>(policy.unit, { needed: neededNano })),
  })),
});
