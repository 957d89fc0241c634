import type Anthropic from '@anthropic-ai/sdk';
import type { Progress } from '../../http/event-stream.ts';
import type { Caller } from '../../identity/caller.ts';
import { useCases } from '../../use-cases/use-cases.ts';
import { type JudgedServices, runFeature } from '../feature.ts';
import type { AnswerMetrics } from '../metrics.ts';
import { properties, vehicleProperties } from '../properties.ts';
import type { Unknowns } from '../reading/unknowns.ts';
import { ask } from '../structured-output/ask.ts';
import { type Analysis, analysisShape } from './answer.ts';
import { analysisQuestion, analysisSystem } from './prompt.ts';
import type { AnalysisRequest } from './request.ts';

/** Room for thinking and for an answer of about fifty members. */
const MAX_TOKENS = 16_000;

export interface AnalysisData {
  analysis: Analysis & Unknowns & { rawResponse: string };
  metrics: AnswerMetrics;
  /** Whether a judge will look at it; its verdict stands at the instance. */
  judge: { status: 'pending' | 'skipped' };
}

/** Photos of a trail to an assessment of it. @throws AnswerError, or an error of the limits. */
export async function analyze(
  services: JudgedServices,
  caller: Caller,
  request: AnalysisRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<AnalysisData> {
  const { vehicleInfo, context, photos, model, requestedModel } = request;
  const { result, metrics } = await runFeature(services, {
    useCase: useCases.analysis,
    caller,
    requestedModel,
    signal,
    useCaseProperties: properties({
      trail_name: context?.trailName,
      trail_location: context?.trailLocation,
      ...vehicleProperties(vehicleInfo),
      vehicle_year: vehicleInfo?.year,
    }),
    requestProperties: properties({
      image_count: photos.length,
      model_used: requestedModel,
      has_vehicle_info: vehicleInfo !== undefined,
      has_context: context !== undefined,
    }),
    work: (deadline) => {
      progress('reading', { images: photos.length });
      const question = {
        model,
        system: analysisSystem(vehicleInfo !== undefined, context !== undefined),
        content: [...photos.map(imageBlock), { type: 'text' as const, text: analysisQuestion(request) }],
        maxTokens: MAX_TOKENS,
        shape: analysisShape(vehicleInfo !== undefined),
      };
      return ask(services, question, progress, deadline);
    },
    scores: (asked) => [
      { name: 'analysis_success', score: asked !== undefined },
      { name: 'image_count', score: photos.length },
      ...(asked && !asked.unknown.includes('difficulty')
        ? [{ name: 'difficulty_rating', score: asked.answer.difficulty }]
        : []),
    ],
  });
  const judge = await services.judging.submit({
    useCaseName: useCases.analysis.name,
    useCaseId: metrics.use_case_id,
    caller,
    question: {
      photos: photos.length,
      ...(context && { trail: context }),
      ...(vehicleInfo && { vehicle: vehicleInfo }),
    },
    answer: JSON.stringify({ ...result.answer, unknown: result.unknown }),
    sources: [],
  });
  const { answer, warnings, unknown, text } = result;
  return { analysis: { ...answer, warnings, unknown, rawResponse: text }, metrics, judge };
}

const imageBlock = ({ mediaType, base64 }: AnalysisRequest['photos'][number]): Anthropic.ImageBlockParam => ({
  type: 'image',
  source: { type: 'base64', media_type: mediaType, data: base64 },
});
