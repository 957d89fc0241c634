import type Anthropic from '@anthropic-ai/sdk';
import type { Properties } from '../../events/usage-event.ts';
import type { HttpAnswer } from '../../http/answer.ts';
import { resolveModel } from '../../model/clients/aliases.ts';
import { heldBytes, photosOf } from '../../trails/analysis/images/photos.ts';
import { uploadsOfTexts } from '../../trails/analysis/images/upload.ts';
import { properties } from '../../trails/properties.ts';
import { useCases } from '../../use-cases/use-cases.ts';
import type { AnalyzeBody } from './bodies.ts';
import { textOf } from './model-text.ts';
import { type ProxyRequest, type ProxyServices, runProxied } from './run.ts';

const DEFAULT_PROMPT =
  'Assess the off-road trail in these photos: difficulty from 1 to 5, conditions, hazards, and what you recommend.';
/** Room for thinking and a long JSON answer. */
const MAX_TOKENS = 16_000;

/** `POST /analyze`: photos and a prompt to a text. */
export async function proxyAnalyze(
  { body, attribution, memory }: ProxyRequest<AnalyzeBody>,
  services: ProxyServices,
): Promise<HttpAnswer> {
  const photos = await photosOf(await uploadsOfTexts(body.images), services.memory.pictures);
  await memory.resize(heldBytes(photos));
  const track = {
    ...attribution,
    useCaseName: body.use_case_name ?? useCases.analysis.name,
    ...(body.use_case_version !== undefined && { useCaseVersion: body.use_case_version }),
    useCaseProperties: given(body.use_case_properties) ?? aboutTrail(body),
    requestProperties: given(body.request_properties) ?? aboutRequest(body),
  };
  const content: Anthropic.ContentBlockParam[] = [
    ...photos.map(({ mediaType, base64 }) => ({
      type: 'image' as const,
      source: { type: 'base64' as const, media_type: mediaType, data: base64 },
    })),
    { type: 'text', text: body.prompt || DEFAULT_PROMPT },
  ];
  const params = {
    model: resolveModel(body.model, services.settings.MODEL_ALIASES),
    max_tokens: body.max_tokens ?? MAX_TOKENS,
    messages: [{ role: 'user' as const, content }],
  };
  return runProxied(services, track, body.model, (signal) => textOf(services.anthropic, params, signal));
}

const given = (map: Properties | undefined): Properties | undefined =>
  map && Object.keys(map).length > 0 ? map : undefined;

const aboutTrail = ({ context, vehicle_info: vehicle }: AnalyzeBody): Properties =>
  properties({
    trail_name: context?.trail_name,
    trail_location: context?.trail_location,
    vehicle_make: vehicle?.make,
    vehicle_model: vehicle?.model,
    vehicle_year: vehicle?.year,
  });

const aboutRequest = (body: AnalyzeBody): Properties =>
  properties({
    image_count: body.images.length,
    model_used: body.model,
    has_vehicle_info: body.vehicle_info !== undefined,
    has_context: body.context !== undefined,
  });
