import type { HttpRequest } from '@azure/functions';
import type { z } from 'zod';
import { type HttpAnswer, json } from '../../http/answer.ts';
import { readBody } from '../../http/body.ts';
import { refuseHeadersMember } from '../../http/forged-headers.ts';
import { parseLongJson } from '../../http/long-json.ts';
import type { MemoryShare } from '../../http/memory/memory-budget.ts';
import { JSON_COPIES, type RequestMemory, takeForBody } from '../../http/memory/request-memory.ts';
import { mayNameUsers } from '../../identity/access-key.ts';
import type { Caller } from '../../identity/caller.ts';
import type { AdmittingRoute } from '../../identity/identity.ts';
import { beyondKey } from '../../identity/keys/key-grant.ts';
import { storableUserId } from '../../identity/user-id.ts';
import type { AnthropicLoader } from '../../model/clients/load-anthropic.ts';
import type { TextModel } from '../../model/clients/text-model.ts';
import type { TextProvider } from '../../model/clients/text-models.ts';
import { explainPrice } from '../../pricing/price-units.ts';
import { admitRate } from '../../rate-limits/admit-rate.ts';
import { type CallReport, type TrackContext, trackContext } from '../../tracking/context.ts';
import type { TrackOptions } from '../../tracking/track-options.ts';
import { metricsOf } from '../../trails/metrics.ts';
import type { Clock } from '../../util/clock.ts';
import { toUsd } from '../../util/money.ts';
import { identifyAtProxy, identifyByPath } from '../admission.ts';
import type { GatewayServices } from '../gateway.ts';
import { admittedUseCase } from '../use-case-name.ts';
import { decodeBody, invalidJson, noAnswer } from './errors.ts';

export interface ProxyServices extends GatewayServices {
  clock: Clock;
  memory: RequestMemory;
  /** Tracked. */
  anthropic: AnthropicLoader;
  textModel(provider: TextProvider, model: string): TextModel;
}

/** A request whose sender is known and whose body is read. */
export interface ProxyRequest<T> {
  body: T;
  /** User and account that the call counts for. */
  attribution: TrackOptions;
  /** What the request takes until it is answered. */
  memory: MemoryShare;
}

interface Named {
  user_id?: string | undefined;
  account_name?: string | undefined;
  use_case_name?: string | undefined;
}

/** Admits, reads the body, serves. */
async function serveProxied<T extends z.ZodType<Named>, S extends ProxyServices>(
  request: HttpRequest,
  services: S,
  { schema, serve, route, token }: Proxied<T, S>,
): Promise<HttpAnswer> {
  const { settings, memory } = services;
  const caller =
    token === undefined ? await identifyAtProxy(request, services, route) : identifyByPath(token, settings);
  admitRate(services.rateLimits, caller);
  const maxBytes = settings.MAX_REQUEST_BYTES;
  const taken = await takeForBody(request, memory, maxBytes, JSON_COPIES);
  try {
    const parsed = await parseLongJson(await readBody(request, maxBytes, taken));
    if (parsed === undefined) throw invalidJson();
    refuseHeadersMember(parsed.value);
    const body = decodeBody(schema, parsed.value);
    if (body.use_case_name !== undefined) admittedUseCase(body.use_case_name, 'use_case_name', caller, settings);
    const attribution = attributionOf(caller, body, settings.USER_ID_KEY);
    return await serve({ body, attribution, memory: taken.share }, services);
  } finally {
    taken.share.release();
  }
}

interface Proxied<T extends z.ZodType, S> {
  schema: T;
  serve: ServeProxied<T, S>;
  route: AdmittingRoute;
  /** The key in the path, on routes that have one. */
  token?: string;
}

type ServeProxied<T extends z.ZodType, S> = (request: ProxyRequest<z.output<T>>, services: S) => Promise<HttpAnswer>;

/** A route of the payi-proxy for callers that send their credential in a header. */
export const proxied =
  <T extends z.ZodType<Named>, S extends ProxyServices>(schema: T, serve: ServeProxied<T, S>) =>
  async (request: HttpRequest, services: S, _requestId: string, route: AdmittingRoute): Promise<HttpAnswer> =>
    serveProxied(request, services, { schema, serve, route });

/** The same behind a segment with a key. Other routes must not look for one: a streaming host fills `params` from query and body. */
export const proxiedByPath =
  <T extends z.ZodType<Named>, S extends ProxyServices>(schema: T, serve: ServeProxied<T, S>) =>
  async (request: HttpRequest, services: S, _requestId: string, route: AdmittingRoute): Promise<HttpAnswer> =>
    serveProxied(request, services, { schema, serve, route, token: request.params['token'] ?? '' });

/**
 * Only a caller with a key may name the user. A key that may not name users counts for itself.
 * @throws RequestError 403 when such a key comes with another user or account
 */
function attributionOf(caller: Caller, { user_id, account_name }: Named, key: string | undefined): TrackOptions {
  const mayName = mayNameUsers(caller);
  refuseForeignNames(caller, { user_id, account_name });
  const account = (mayName ? account_name : undefined) ?? caller.accountName;
  return {
    userId: mayName && user_id ? storableUserId(user_id, key, 'user_id') : caller.userId,
    ...(account && { accountName: account }),
    ...(caller.key && { key: caller.key }),
  };
}

function refuseForeignNames({ userId, accountName, key }: Caller, { user_id, account_name }: Named): void {
  if (!key) return;
  if (user_id && user_id !== userId && !key.namesUsers) throw beyondKey(key, 'user', 'of user_id');
  const isOwn = !account_name || account_name === accountName;
  if (!isOwn && (!key.namesUsers || key.account !== undefined)) throw beyondKey(key, 'account', account_name);
}

/** Does the model's work as one instance of a use case, and answers in the proxy's form. An empty text is not a success. */
export function runProxied(
  { clock, settings }: ProxyServices,
  track: TrackOptions,
  requestedModel: string,
  work: (signal: AbortSignal) => Promise<string>,
): Promise<HttpAnswer> {
  const startedMs = clock.now();
  return trackContext(track, async (context) => {
    const text = await work(AbortSignal.timeout(settings.MODEL_DEADLINE_MS));
    if (text.trim() === '') throw noAnswer('it is empty');
    const metrics = metricsOf(context, {}, requestedModel, startedMs, clock.now());
    return json(200, {
      success: true,
      text,
      usage: {
        input_tokens: metrics.inputTokens,
        output_tokens: metrics.outputTokens,
        cost: metrics.cost,
        ...costSides(context, metrics.cost, startedMs),
      },
      use_case_id: metrics.use_case_id,
      // Pay-i makes this id when it ingests, and by then the answer has left; none of our ids takes its place.
      payi_request_id: null,
      error: null,
    });
  });
}

/** USD of input and output; null where they can't be told apart from a modifier's share. */
function costSides({ calls }: TrackContext, cost: number | null, atMs: number) {
  const side = (direction: 'input' | 'output') => calls.reduce((sum, call) => sum + sideUsd(call, direction, atMs), 0);
  const [input, output] = [side('input'), side('output')];
  const known = cost !== null && Math.abs(input + output - cost) < 1e-7;
  return { input_cost: known ? input : null, output_cost: known ? output : null };
}

function sideUsd({ model, units }: CallReport, direction: 'input' | 'output', atMs: number): number {
  const lines = explainPrice({ model, units, atMs }) ?? [];
  const pico = lines.filter((line) => line.direction === direction).reduce((sum, line) => sum + line.picoUsd, 0n);
  return toUsd((pico + 500n) / 1_000n);
}
