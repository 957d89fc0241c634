import type { Units } from '../../events/usage-event.ts';
import type { Modifier, Surcharge } from '../../pricing/price-row.ts';
import { MAX_COUNT, readCount } from './count.ts';
import { type OtherUsage, readIterations } from './iterations.ts';

/** Pay-i's threshold: from this prompt size on, token units carry the suffix `_large_context`. */
const LARGE_CONTEXT_TOKENS = 200_000;

/** Counts that a call is charged by. */
export type ChargedCount = 'input' | 'output' | 'cacheWrite' | 'cacheRead' | 'webSearches';

/** What a `usage` says, in tokens and searches. Null: not said (yet). */
export interface Usage {
  /** Uncached input only. */
  input: number | null;
  /** Thinking and reasoning included. */
  output: number | null;
  /** The part of `output` that a provider counts as reasoning. */
  reasoning: number | null;
  /** The parts of `input` and `output` that are sound and pictures, where a provider tells them apart. */
  audioInput: number | null;
  audioOutput: number | null;
  imageInput: number | null;
  imageOutput: number | null;
  /** The part of `cacheRead` that is sound. */
  audioCacheRead: number | null;
  /** All tokens written to a cache, 5 m and 1 h together. */
  cacheWrite: number | null;
  /** The split of `cacheWrite`; in a stream only `message_start` has it. */
  cacheWrite5m: number | null;
  cacheWrite1h: number | null;
  cacheRead: number | null;
  webSearches: number | null;
  /** What really served the call: prices follow these, not the request. */
  serviceTier: string | null;
  speed: string | null;
  inferenceGeo: string | null;
  /** The model that answered in place of the one that was asked and declined. */
  servedBy: string | null;
  /** What other models used for the same request; not in the counts above. */
  others: readonly OtherUsage[];
  /** Counts that were given and cannot be read: their values here are lower ends. */
  unreadable: readonly ChargedCount[];
}

export const emptyUsage: Usage = {
  input: null,
  output: null,
  reasoning: null,
  audioInput: null,
  audioOutput: null,
  imageInput: null,
  imageOutput: null,
  audioCacheRead: null,
  cacheWrite: null,
  cacheWrite5m: null,
  cacheWrite1h: null,
  cacheRead: null,
  webSearches: null,
  serviceTier: null,
  speed: null,
  inferenceGeo: null,
  servedBy: null,
  others: [],
  unreadable: [],
};

/**
 * Reads a `usage` object, of a whole answer or of one stream event, on top of what is known. Counts in a stream are totals so
 * far: a value that is given, 0 too, replaces; null and absent keep; nothing is added up. Unknown members are passed over.
 */
export function mergeUsage(known: Usage, value: unknown): Usage {
  if (!isObject(value)) return known;
  const split = isObject(value['cache_creation']) ? value['cache_creation'] : {};
  const server = isObject(value['server_tool_use']) ? value['server_tool_use'] : {};
  const iterations = readIterations(value);
  const { compacted } = iterations;
  let unreadable = known.unreadable;
  const charged = (name: ChargedCount, given: unknown, extra = 0): number | null => {
    const count = readCount(given);
    if (!count) return known[name];
    if (unreadable.includes(name)) unreadable = unreadable.filter((one) => one !== name);
    if (count.readable) return Math.min(MAX_COUNT, count.value + extra);
    unreadable = [...unreadable, name];
    return Math.min(MAX_COUNT, Math.max(known[name] ?? 0, count.value) + extra);
  };
  const longer = readCount(split['ephemeral_1h_input_tokens']);
  const written = charged('cacheWrite', value['cache_creation_input_tokens'], compacted.cacheWrite);
  if (longer?.readable === false && !unreadable.includes('cacheWrite')) unreadable = [...unreadable, 'cacheWrite'];
  return {
    ...known,
    input: charged('input', value['input_tokens'], compacted.input),
    output: charged('output', value['output_tokens'], compacted.output),
    cacheWrite: written,
    cacheWrite5m: readCount(split['ephemeral_5m_input_tokens'])?.value ?? known.cacheWrite5m,
    // A part that cannot be read may be all of it, and is the dearer one.
    cacheWrite1h: (longer?.readable === false ? written : longer?.value) ?? known.cacheWrite1h,
    cacheRead: charged('cacheRead', value['cache_read_input_tokens'], compacted.cacheRead),
    webSearches: charged('webSearches', server['web_search_requests']),
    serviceTier: text(value['service_tier']) ?? known.serviceTier,
    speed: text(value['speed']) ?? known.speed,
    inferenceGeo: text(value['inference_geo']) ?? known.inferenceGeo,
    servedBy: iterations.servedBy ?? known.servedBy,
    others: iterations.others.length > 0 ? iterations.others : known.others,
    unreadable,
  };
}

export interface UnitOptions {
  /** True when the request asks for a one-hour cache: written tokens that no split explains are then priced as such. */
  oneHourCache?: boolean;
  /** Tokens of text in a request that has images, estimated; the rest of the input is `vision`. */
  textTokensBesideImages?: number;
  /** False where Pay-i has no units for large contexts. */
  largeContext?: boolean;
}

/** Usage in Pay-i's unit names. `text` is always there, others only where they are more than 0. */
export function toUnits(usage: Usage, options: UnitOptions = {}): Units {
  const { oneHourCache = false, textTokensBesideImages, largeContext = true } = options;
  const input = usage.input ?? 0;
  const written = splitWrites(usage, oneHourCache);
  const read = usage.cacheRead ?? 0;
  const heard = Math.min(input, usage.audioInput ?? 0);
  const vision = imageTokens(usage, input - heard, textTokensBesideImages);
  const prompt = input + written.fiveMinutes + written.oneHour + read;
  const suffix = largeContext && prompt >= LARGE_CONTEXT_TOKENS ? '_large_context' : '';
  const reasoning = usage.reasoning ?? 0;
  const answered = (usage.output ?? 0) - reasoning;
  const spoken = Math.min(answered, usage.audioOutput ?? 0);
  const drawn = Math.min(answered - spoken, usage.imageOutput ?? 0);
  const heardAgain = Math.min(read, usage.audioCacheRead ?? 0);
  const units: Units = {
    [`text${suffix}`]: { input: input - heard - vision, output: answered - spoken - drawn },
  };
  if (reasoning > 0) units['reasoning'] = { input: 0, output: reasoning };
  if (heard + spoken > 0) units['audio'] = { input: heard, output: spoken };
  if (heardAgain > 0) units['audio_cache_read'] = { input: heardAgain, output: 0 };
  if (vision + drawn > 0) units[`vision${suffix}`] = { input: vision, output: drawn };
  if (written.fiveMinutes > 0) units[`text_cache_write${suffix}`] = { input: written.fiveMinutes, output: 0 };
  if (written.oneHour > 0) units[`text_cache_write_1h${suffix}`] = { input: written.oneHour, output: 0 };
  if (read > heardAgain) units[`text_cache_read${suffix}`] = { input: read - heardAgain, output: 0 };
  if (usage.webSearches) units['web_search_request'] = { output: usage.webSearches };
  return units;
}

/** Of so many tokens of input: as the provider counts them, else all that the request's text does not explain. */
function imageTokens({ imageInput }: Usage, tokens: number, textTokensBesideImages: number | undefined): number {
  if (imageInput !== null) return Math.min(tokens, imageInput);
  return textTokensBesideImages === undefined ? 0 : Math.max(0, tokens - textTokensBesideImages);
}

/** What changes the price of the usage besides the counts. `surcharge`: of the endpoint, which has no prices for zones besides. */
export function priceModifiers(usage: Usage, surcharge?: Surcharge): Modifier[] {
  const modifiers: Modifier[] = [];
  if (usage.speed === 'fast') modifiers.push('fast');
  if (surcharge !== undefined) modifiers.push(surcharge);
  else if (usage.inferenceGeo === 'us') modifiers.push('us');
  if (usage.serviceTier === 'batch') modifiers.push('batch');
  if (usage.serviceTier === 'priority' || usage.serviceTier === 'fast') modifiers.push('priority');
  return modifiers;
}

/**
 * After a merge the total may have outgrown the split of `message_start` (breakpoints that server tools add), or have shrunk
 * below it (tokens that turned out to be read). The total counts; what the split does not explain is 5 m, or 1 h on request.
 */
function splitWrites(usage: Usage, oneHourCache: boolean): { fiveMinutes: number; oneHour: number } {
  const fiveMinutes = usage.cacheWrite5m ?? 0;
  const oneHour = usage.cacheWrite1h ?? 0;
  const total = usage.cacheWrite ?? fiveMinutes + oneHour;
  const surplus = total - fiveMinutes - oneHour;
  if (surplus < 0) return { fiveMinutes: Math.max(0, total - oneHour), oneHour: Math.min(oneHour, total) };
  return oneHourCache ? { fiveMinutes, oneHour: oneHour + surplus } : { fiveMinutes: fiveMinutes + surplus, oneHour };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
