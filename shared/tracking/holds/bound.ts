import { contextWindow } from '../../model/request/context-window.ts';
import { mostImageTokens } from '../../model/request/image-tokens.ts';
import type { RequestShape } from '../../model/request/request-shape.ts';
import { dearestModifier, pricedModels } from '../../pricing/price-book.ts';
import type { Modifier } from '../../pricing/price-row.ts';
import { boundNanoUsd, type UpperPriceOptions } from '../../pricing/upper-price.ts';

/** The largest known system prompt that the API adds for tools is 804 tokens; some models' are not published. */
const TOOLS_TOKENS = 2_000;
/** The heaviest toolset (browser) adds about 6,600. */
const TOKENS_PER_TOOLSET = 7_000;
/** For what the API adds by itself, e.g. for `output_config`. */
const FRAME_TOKENS = 1_000;
/**
 * Turns of the provider's own tool loop in one request. Anthropic's documentation of `pause_turn` names it as the default after
 * which the API pauses; the bound of a call with server tools is as sound as that. No member of a request sets it, and `max_uses`
 * bounds searches, not turns.
 */
export const SERVER_TURNS = 10;
/** What count_tokens says is an estimate. */
const COUNT_MARGIN_PERCENT = 5;

/** The most that a call can cost in nano-USD, from its request alone (L3, cheap). */
export const cheapBound = (shape: RequestShape, atMs: number): bigint =>
  bound(shape, atMs, shape.opaqueBy.length === 0 ? promptBytesBound(shape) : Infinity);

/** The same with the prompt as the provider counted it (L3, exact). */
export const exactBound = (shape: RequestShape, atMs: number, countedTokens: number): bigint =>
  bound(shape, atMs, withMargin(countedTokens));

/** The most tokens that a prompt can have that the provider counted. */
export const withMargin = (countedTokens: number): number =>
  Math.ceil((countedTokens * (100 + COUNT_MARGIN_PERCENT)) / 100);

/** True where the provider runs no tools: then the request bounds its own prompt, and not those of later turns. */
export const boundsItself = (shape: RequestShape): boolean => shape.serverTools.length === 0;

/** The input of one more turn that adds so many tokens, in nano-USD: for what server tools add before their cost is known. */
export function turnBound(shape: RequestShape, atMs: number, addedTokens: number): bigint {
  const tokens = Math.min(
    contextWindow(shape.model, shape.longContext),
    shape.opaqueBy.length === 0 ? promptBytesBound(shape) : Infinity,
  );
  return inputBound(shape, atMs, tokens + addedTokens);
}

/** The most that so many tokens of input cost, whichever of the models of a call reads them, in nano-USD. */
export function inputBound(shape: RequestShape, atMs: number, promptTokens: number): bigint {
  const priced: Pricing = (model, options) => boundNanoUsd({ model, atMs, promptTokens, outputTokens: 0 }, options);
  const costs = [shape, ...shape.others].map(({ model }) => costOf(model, shape, atMs, priced));
  return costs.reduce((most, cost) => (cost > most ? cost : most));
}

/** The most tokens of a prompt whose content is in the request. */
export const promptBytesBound = (shape: RequestShape): number =>
  shape.textBytes +
  FRAME_TOKENS +
  shape.images * mostImageTokens(shape.api) +
  shape.soundTokens +
  (shape.hasTools ? TOOLS_TOKENS : 0) +
  shape.toolsets * TOKENS_PER_TOOLSET;

function bound(shape: RequestShape, atMs: number, tokens: number): bigint {
  const asked = sampled(shape, atMs, tokens, shape);
  const others = shape.others.reduce((sum, other) => sum + sampled(shape, atMs, tokens, other), 0n);
  return asked + others + (shape.compactsBy !== undefined ? asked : 0n);
}

/** The most that one of the models that a call may reach costs. */
function sampled(
  shape: RequestShape,
  atMs: number,
  tokens: number,
  { model, maxTokens, uses = 1 }: { model: string; maxTokens: number; uses?: number },
): bigint {
  const window = contextWindow(model, shape.longContext);
  const promptTokens = boundsItself(shape) ? Math.min(tokens, window) : window;
  const turns = boundsItself(shape) ? 1n : BigInt(SERVER_TURNS);
  return costOf(model, shape, atMs, (name, options) => {
    const last = { model: name, atMs, promptTokens, outputTokens: maxTokens * uses, webSearches: shape.webSearches };
    const lastTurn = boundNanoUsd({ ...last, ...soundOf(shape, promptTokens) }, options);
    if (turns === 1n || lastTurn === null) return lastTurn;
    const turn = boundNanoUsd({ model: name, atMs, promptTokens, outputTokens: 0 }, options);
    return turn === null ? null : turn * (turns - 1n) + lastTurn;
  });
}

/** What of a prompt of so many tokens, and whether its answer, may be sound. */
export const soundOf = ({ soundTokens, speaks }: RequestShape, promptTokens: number) => ({
  soundTokens: Math.min(soundTokens, promptTokens),
  speaks: speaks === true,
});

export const priceOptions = ({ oneHourCache, fast, us, surcharge, batch }: RequestShape): UpperPriceOptions => ({
  cache: oneHourCache ? '1h' : '5m',
  fast,
  us,
  surcharge,
  batch: batch === true,
});

/** What a call costs with a model at most, in nano-USD; null where a price is not known. */
type Pricing = (model: string, options: UpperPriceOptions) => bigint | null;

/**
 * A model without a price is held at the dearest price of the book. Where no model has a price for fast mode or for what the endpoint
 * adds, such as for sound in a region, the dearest factors of the book stand for them.
 */
function costOf(model: string, shape: RequestShape, atMs: number, priced: Pricing): bigint {
  const options = priceOptions(shape);
  const dearest = (given: UpperPriceOptions): bigint | null => {
    const name = dearestModel(shape, (one) => priced(one, given));
    return name === undefined ? null : priced(name, given);
  };
  const known = priced(model, options) ?? dearest(options);
  if (known !== null) return known;
  const plain = dearest({ ...options, us: true, fast: false, surcharge: undefined }) ?? 0n;
  const left: Modifier[] = [...(shape.fast ? (['fast'] as const) : []), ...(shape.surcharge ? [shape.surcharge] : [])];
  return left.reduce((cost, name) => (cost * dearestModifier(name, atMs) + 99n) / 100n, plain);
}

/** The dearest model of the book that could answer: one of Anthropic's where only its models can. */
export function dearestModel({ api }: RequestShape, priced: (model: string) => bigint | null): string | undefined {
  let most: { model: string; cost: bigint } | undefined;
  for (const model of pricedModels(api === 'messages' ? 'anthropic' : undefined)) {
    const cost = priced(model);
    if (cost !== null && (!most || cost > most.cost)) most = { model, cost };
  }
  return most?.model;
}
