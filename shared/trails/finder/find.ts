import type { Progress } from '../../http/event-stream.ts';
import type { Caller } from '../../identity/caller.ts';
import { resolveModel } from '../../model/clients/aliases.ts';
import { useCases } from '../../use-cases/use-cases.ts';
import { type JudgedServices, runFeature } from '../feature.ts';
import type { AnswerMetrics } from '../metrics.ts';
import { properties, vehicleProperties } from '../properties.ts';
import type { Unknowns } from '../reading/unknowns.ts';
import { ask } from '../structured-output/ask.ts';
import { AnswerError } from '../structured-output/errors.ts';
import type { Searches } from '../structured-output/searches.ts';
import { capabilityScore } from '../vehicle.ts';
import { finderShape, type Recommendation, withKnownUrls, withOwnWarnings } from './answer.ts';
import { finderQuestion, finderSystem } from './prompt.ts';
import type { TrailSearch } from './request.ts';

const MAX_TOKENS = 16_000;
/** This version is served everywhere and brings no code container with it. */
const webSearch = { type: 'web_search_20250305', name: 'web_search', max_uses: 10 } as const;

export interface FinderData extends Unknowns {
  query: TrailSearch;
  searchSummary: string;
  /** Ours, never the model's. */
  vehicleCapabilityScore: number;
  recommendations: Recommendation[];
  /** Codes of searches that failed; the answer rests on the others. Absent when all were answered. */
  searchErrors?: string[];
  metrics: AnswerMetrics;
  /** Whether a judge will look at it; its verdict stands at the instance. */
  judge: { status: 'pending' | 'skipped' };
}

/** Trails that fit a driver, from the web. @throws AnswerError, or an error of the limits. */
export async function findTrails(
  services: JudgedServices,
  caller: Caller,
  search: TrailSearch,
  progress: Progress,
  signal: AbortSignal,
): Promise<FinderData> {
  const { settings } = services;
  const score = capabilityScore(search.vehicleInfo);
  const requestedModel = settings.MODEL_FINDER;
  const { result, metrics } = await runFeature(services, {
    useCase: useCases.finder,
    caller,
    requestedModel,
    signal,
    useCaseProperties: properties({
      location: search.location,
      difficulty_pref: search.difficultyPref ?? 'any',
      trip_length: search.tripLength ?? 'any',
      has_vehicle: search.vehicleInfo !== undefined,
      ...vehicleProperties(search.vehicleInfo),
    }),
    requestProperties: properties({ search_radius: search.searchRadius }),
    work: async (deadline) => {
      const question = {
        model: resolveModel(requestedModel, settings.MODEL_ALIASES),
        system: finderSystem,
        content: [{ type: 'text' as const, text: finderQuestion(search, score) }],
        maxTokens: MAX_TOKENS,
        shape: finderShape,
        tools: [webSearch],
      };
      const asked = await ask(services, question, progress, deadline);
      requireSearches(asked.searches);
      const warned = withOwnWarnings(asked.answer.recommendations, asked.unknown);
      return { ...asked, recommendations: withKnownUrls(warned, asked.searches) };
    },
    scores: (found) => [
      { name: 'search_success', score: found !== undefined },
      { name: 'result_count', score: found?.recommendations.length ?? 0 },
      { name: 'vehicle_capability_score', score },
    ],
  });
  const judge = await services.judging.submit({
    useCaseName: useCases.finder.name,
    useCaseId: metrics.use_case_id,
    caller,
    question: search,
    answer: JSON.stringify({ ...result.answer, unknown: result.unknown }),
    sources: [...result.searches.urls],
  });
  return {
    query: search,
    searchSummary: result.answer.searchSummary,
    vehicleCapabilityScore: score,
    recommendations: result.recommendations,
    warnings: result.warnings,
    unknown: result.unknown,
    ...(result.searches.errors.length > 0 && { searchErrors: [...new Set(result.searches.errors)] }),
    metrics,
    judge,
  };
}

/** @throws AnswerError when every search failed: what the model says then, it made up. */
function requireSearches({ answered, errors }: Searches): void {
  if (answered > 0 || errors.length === 0) return;
  throw new AnswerError('web_search_failed', 'Failed to search for trails: web search is not available right now.', {
    status: 502,
    details: { searchErrors: [...new Set(errors)] },
  });
}
