import { asModelId } from '../model-id.ts';
import { readCount } from './count.ts';

/** Tokens of one sampling, as the members of a `usage`. */
export interface TokenCounts {
  input: number;
  output: number;
  cacheWrite: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  cacheRead: number;
}

/** What a model used for a request that another one answered: it declined, or gave advice. */
export interface OtherUsage extends TokenCounts {
  /** Undefined: the one that was asked. */
  model: string | undefined;
  /** False where a count cannot be read: the values are lower ends. */
  readable: boolean;
}

export interface Iterations {
  /** Summaries made of the conversation: the answering model's tokens, which the top-level counts leave out. */
  compacted: TokenCounts;
  servedBy: string | null;
  others: OtherUsage[];
}

const nothing: TokenCounts = { input: 0, output: 0, cacheWrite: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 };
const none: Iterations = { compacted: nothing, servedBy: null, others: [] };

/** Advice whose model has no name that can be read has no price. */
const UNNAMED = 'unknown';

/**
 * Reads `usage.iterations` (beta). The top-level counts are those of the model that answered, which the last `fallback_message` names.
 * Attempts of other models are beside them, and so is advice. An attempt of that model itself which came before is where the
 * top-level counts are too few to hold it.
 */
export function readIterations(usage: Record<string, unknown>): Iterations {
  const value = usage['iterations'];
  if (!Array.isArray(value)) return none;
  const entries = value.filter((entry) => typeof entry === 'object' && entry !== null) as Record<string, unknown>[];
  const servedBy = asModelId(entries.findLast(({ type }) => type === 'fallback_message')?.['model']) ?? null;
  const result = { compacted: { ...nothing }, servedBy, others: [] as OtherUsage[] };
  const early = earlyAttempts(entries, servedBy, usage);
  for (const entry of entries) {
    const counts = countsOf(entry);
    const model = asModelId(entry['model']);
    const apart = (named: string | undefined) =>
      result.others.push({ model: named, readable: isReadable(entry), ...counts });
    if (entry['type'] === 'compaction') add(result.compacted, counts);
    else if (entry['type'] === 'advisor_message') apart(model ?? UNNAMED);
    else if (isAttempt(entry) && servedBy !== null && (early.has(entry) || (model !== undefined && model !== servedBy)))
      apart(model);
  }
  return result;
}

/** Attempts before the one that answered whose model is that one's or has no name, where the totals do not hold them. */
function earlyAttempts(
  entries: Record<string, unknown>[],
  servedBy: string | null,
  usage: Record<string, unknown>,
): Set<Record<string, unknown>> {
  const servedAt = entries.findIndex(({ type, model }) => type === 'fallback_message' && model === servedBy);
  const own = entries.filter((entry) => isAttempt(entry) && (asModelId(entry['model']) ?? servedBy) === servedBy);
  const all = own.reduce((sum, entry) => sum + tokensOf(entry), 0);
  const isHeld = tokensOf(usage) >= all;
  return new Set(isHeld ? [] : own.filter((entry) => entries.indexOf(entry) < servedAt));
}

const tokensOf = (usage: Record<string, unknown>): number => {
  const { input, output, cacheWrite, cacheRead } = countsOf(usage);
  return input + output + cacheWrite + cacheRead;
};

const isAttempt = ({ type }: Record<string, unknown>): boolean => type === 'message' || type === 'fallback_message';

function countsOf(entry: Record<string, unknown>): TokenCounts {
  const split = Object(entry['cache_creation']) as Record<string, unknown>;
  return {
    input: count(entry['input_tokens']),
    output: count(entry['output_tokens']),
    cacheWrite: count(entry['cache_creation_input_tokens']),
    cacheWrite5m: count(split['ephemeral_5m_input_tokens']),
    cacheWrite1h: count(split['ephemeral_1h_input_tokens']),
    cacheRead: count(entry['cache_read_input_tokens']),
  };
}

function add(sum: TokenCounts, more: TokenCounts): void {
  for (const name of Object.keys(sum) as (keyof TokenCounts)[]) sum[name] += more[name];
}

const count = (value: unknown): number => readCount(value)?.value ?? 0;

const isReadable = (entry: Record<string, unknown>): boolean =>
  ['input_tokens', 'output_tokens'].every((name) => readCount(entry[name])?.readable) &&
  ['cache_creation_input_tokens', 'cache_read_input_tokens'].every((name) => readCount(entry[name])?.readable ?? true);
