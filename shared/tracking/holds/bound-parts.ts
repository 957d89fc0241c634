import type { BoundPart } from '../../limits/policies/explanation.ts';
import type { CountUnit, LimitUnit } from '../../limits/policies/units.ts';
import { contextWindow } from '../../model/request/context-window.ts';
import { mostImageTokens } from '../../model/request/image-tokens.ts';
import type { OtherModel } from '../../model/request/other-models.ts';
import type { RequestShape } from '../../model/request/request-shape.ts';
import { boundNanoUsd, type UpperPrice, upperPrice } from '../../pricing/upper-price.ts';
import { boundsItself, dearestModel, priceOptions, promptBytesBound, SERVER_TURNS, soundOf } from './bound.ts';

interface Sampling {
  model: string;
  /** Of one turn, at most. */
  promptTokens: number;
  turns: number;
  price: UpperPrice;
}

const TOKEN = 1_000n;
const nothing = { input: 0n, output: 0n, webSearch: 0n, audioInput: null, audioOutput: null };
/** What a piece counts where a limit counts pieces: one, in thousandths as prices are. */
const pieces: Record<CountUnit, UpperPrice> = {
  tokens: { ...nothing, input: TOKEN, output: TOKEN },
  input_tokens: { ...nothing, input: TOKEN },
  output_tokens: { ...nothing, output: TOKEN },
  web_searches: { ...nothing, webSearch: TOKEN },
  requests: nothing,
  images: nothing,
};

/**
 * What makes up the bound of a request in a unit, by the members that cause it. `promptTokens`: as counted, with its margin; absent: what
 * the bytes of the request say.
 */
export function boundParts(shape: RequestShape, unit: LimitUnit, atMs: number, promptTokens?: number): BoundPart[] {
  if (unit === 'images')
    return [{ member: contentMember(shape), why: `It has ${shape.images} images.`, amount: BigInt(shape.images) }];
  const asked = samplingOf(shape, unit, atMs, shape.model, promptTokens);
  if (!asked) return [];
  const { price } = asked;
  const ofOutput = shape.speaks ? dearer(price.output, price.audioOutput) : price.output;
  const parts = [
    ...promptParts(shape, asked, promptTokens),
    { member: shape.output.name, why: outputWhy(shape), amount: nano(BigInt(shape.maxTokens) * ofOutput) },
  ];
  if (shape.soundTokens > 0) parts.push(soundPart(shape, asked));
  if (shape.webSearches > 0)
    parts.push({
      member: 'tools',
      why: `It allows ${shape.webSearches} web searches (max_uses).`,
      amount: nano(BigInt(shape.webSearches) * price.webSearch),
    });
  if (shape.compactsBy !== undefined)
    parts.push({
      member: shape.compactsBy,
      why: 'The provider may sum the conversation up first, which can take as much again.',
      amount: parts.reduce((sum, { amount }) => sum + amount, 0n),
    });
  for (const other of shape.others) parts.push(...otherPart(shape, unit, atMs, other, promptTokens));
  return parts;
}

function samplingOf(
  shape: RequestShape,
  unit: LimitUnit,
  atMs: number,
  name: string,
  counted: number | undefined,
): Sampling | undefined {
  const window = contextWindow(name, shape.longContext);
  const own = boundsItself(shape);
  const bytes = shape.opaqueBy.length === 0 ? promptBytesBound(shape) : window;
  const promptTokens = own ? Math.min(counted ?? bytes, window) : window;
  const options = priceOptions(shape);
  const call = { atMs, promptTokens, outputTokens: shape.maxTokens, ...soundOf(shape, promptTokens) };
  const priced = (model: string) => boundNanoUsd({ model, ...call }, options);
  const model = priced(name) === null ? dearestModel(shape, priced) : name;
  const price = model === undefined ? null : upperPrice(model, atMs, { ...options, promptTokensAtMost: promptTokens });
  if (!price || model === undefined) return undefined;
  return { model, promptTokens, turns: own ? 1 : SERVER_TURNS, price: unit === 'usd' ? price : pieces[unit] };
}

function promptParts(shape: RequestShape, sampling: Sampling, counted: number | undefined): BoundPart[] {
  const { promptTokens, turns, price } = sampling;
  const whole = nano(BigInt(promptTokens) * BigInt(turns) * price.input);
  const ofWindow = `the whole context window of ${promptTokens} tokens`;
  if (turns > 1) {
    const why = `The provider may run ${shape.serverTools.join(', ')} in up to ${turns} turns, and each can read ${ofWindow}.`;
    return [{ member: shape.serverTools[0] === 'mcp' ? 'mcp_servers' : 'tools', why, amount: whole }];
  }
  if (counted !== undefined) {
    const why = `The prompt can have ${promptTokens} tokens, as the provider counts it.`;
    return [{ member: largestMember(shape), why, amount: whole }];
  }
  if (shape.opaqueBy.length > 0) {
    const why = `What it brings along is not in the request, so ${ofWindow} counts.`;
    return [{ member: shape.opaqueBy.join(', '), why, amount: whole }];
  }
  return byMember(shape, sampling);
}

/** By the bytes of each member, in the share that the context window leaves of them. */
function byMember(shape: RequestShape, { promptTokens, price }: Sampling): BoundPart[] {
  const all = promptBytesBound(shape);
  const share = (tokens: number) => nano((BigInt(tokens) * BigInt(promptTokens) * price.input) / BigInt(all));
  const parts = [...shape.bytesByMember].map(([member, bytes]) => ({
    member,
    why: `Its text has ${bytes} bytes, each of which may be a token.`,
    amount: share(bytes),
  }));
  if (shape.soundTokens > 0) {
    const why = `Its sounds can have ${shape.soundTokens} tokens.`;
    parts.push({ member: contentMember(shape), why, amount: share(shape.soundTokens) });
  }
  if (shape.images > 0) {
    const each = mostImageTokens(shape.api);
    const why = `It has ${shape.images} images of up to ${each} tokens.`;
    parts.push({ member: contentMember(shape), why, amount: share(shape.images * each) });
  }
  return parts;
}

function otherPart(
  shape: RequestShape,
  unit: LimitUnit,
  atMs: number,
  other: OtherModel,
  counted: number | undefined,
): BoundPart[] {
  const sampling = samplingOf(shape, unit, atMs, other.model, counted);
  if (!sampling) return [];
  const { promptTokens, turns, price } = sampling;
  const output = BigInt(other.maxTokens) * BigInt(other.uses) * price.output;
  const searches = BigInt(shape.webSearches) * price.webSearch;
  return [
    {
      member: other.member,
      why: `${other.model || 'Another model'} may answer too: ${other.uses} times up to ${other.maxTokens} tokens, besides the prompt.`,
      amount: nano(BigInt(promptTokens) * BigInt(turns) * price.input + output + searches),
    },
  ];
}

/** What sound costs beyond text. */
function soundPart(shape: RequestShape, { promptTokens, price }: Sampling): BoundPart {
  const { soundTokens } = soundOf(shape, promptTokens);
  const why = `Up to ${soundTokens} of its tokens can be sound, which costs more than text.`;
  const more = dearer(price.input, price.audioInput) - price.input;
  return { member: contentMember(shape), why, amount: nano(BigInt(soundTokens) * more) };
}

const dearer = (text: bigint, sound: bigint | null): bigint => (sound !== null && sound > text ? sound : text);

const contentMember = ({ bytesByMember }: RequestShape): string => (bytesByMember.has('input') ? 'input' : 'messages');

const outputWhy = ({ maxTokens, output: { name, times } }: RequestShape): string =>
  `${times === 1 ? 'The answer' : `${times} answers`} can have ${maxTokens} tokens, as ${name} or its absence says.`;

/** The member with most of the text. */
export const largestMember = ({ bytesByMember }: RequestShape): string =>
  [...bytesByMember].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'messages';

/** From thousandths, rounded up: pico-USD are those of nano-USD. */
const nano = (pico: bigint): bigint => (pico + 999n) / 1_000n;
