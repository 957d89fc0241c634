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
  model: string;
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

/**
 * Reads `usage.iterations` (beta). The top-level counts are those of the model that answered, so a declined attempt is beside
 * them as soon as a `fallback_message` names another; an advisor's always is.
 */
export function readIterations(value: unknown): Iterations {
  if (!Array.isArray(value)) return none;
  const entries = value.filter((entry) => typeof entry === 'object' && entry !== null) as Record<string, unknown>[];
  const servedBy = asModelId(entries.findLast(({ type }) => type === 'fallback_message')?.['model']) ?? null;
  const result = { compacted: { ...nothing }, servedBy, others: [] as OtherUsage[] };
  for (const entry of entries) {
    const counts = countsOf(entry);
    const model = asModelId(entry['model']);
    const declined = entry['type'] === 'message' && servedBy !== null && model !== servedBy;
    if (entry['type'] === 'compaction') add(result.compacted, counts);
    else if (model !== undefined && (declined || entry['type'] === 'advisor_message'))
      result.others.push({ model, readable: isReadable(entry), ...counts });
  }
  return result;
}

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
