import { asModelId } from '../model-id.ts';

/** A model that the provider may ask besides the one that was asked for, paid by itself. An empty name: any model. */
export interface OtherModel {
  model: string;
  maxTokens: number;
  fast: boolean;
  /** How often it may answer for one request. */
  uses: number;
  /** The member of the request that names it. */
  member: 'fallbacks' | 'tools';
}

/** Each is priced by itself, which takes the event loop. A request with more is not bounded. */
export const MOST_OTHER_MODELS = 16;

/** An advisor without `max_uses` can be asked once in each turn of the provider's tool loop. */
const ADVISOR_USES = 10;

type Fields = Record<string, unknown>;

/** Fallbacks for an answer that is declined, and advisors, of a Messages request (beta). @param mostTokens where none are named */
export function otherModels({ fallbacks, max_tokens }: Fields, tools: Fields[], mostTokens: number): OtherModel[] {
  return [
    ...chainOf(fallbacks).map((entry) => ({ ...entry, max_tokens: entry['max_tokens'] ?? max_tokens })),
    ...tools.filter((tool) => String(tool['type']).startsWith('advisor')),
  ].map((entry: Fields) => {
    const isAdvisor = String(entry['type']).startsWith('advisor');
    return {
      model: asModelId(entry['model']) ?? '',
      maxTokens: isCount(entry['max_tokens']) ? entry['max_tokens'] : mostTokens,
      fast: entry['speed'] === 'fast',
      uses: !isAdvisor ? 1 : isCount(entry['max_uses']) ? entry['max_uses'] : ADVISOR_USES,
      member: isAdvisor ? 'tools' : 'fallbacks',
    };
  });
}

/** `"default"` leaves the choice to the provider. */
function chainOf(fallbacks: unknown): Fields[] {
  if (Array.isArray(fallbacks)) return fallbacks.filter((entry) => typeof entry === 'object' && entry !== null);
  return typeof fallbacks === 'string' ? [{}] : [];
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1_000_000;
