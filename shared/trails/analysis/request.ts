import { createHash } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Settings } from '../../config/settings.ts';
import { requireContentType } from '../../http/body.ts';
import { readLongJson } from '../../http/json-body.ts';
import {
  type BodyMemory,
  FORM_COPIES,
  JSON_COPIES,
  type RequestMemory,
  takeForBody,
} from '../../http/memory/request-memory.ts';
import { decodeRequest, optionalTextOf } from '../../http/validate.ts';
import { vehicleSchema } from '../vehicle.ts';
import { readAnalysisForm } from './form.ts';
import { heldBytes, type Photo, photosOf } from './images/photos.ts';
import { MAX_IMAGES, type Upload, uploadsOfTexts } from './images/upload.ts';
import { visionModel } from './models.ts';

const contextSchema = z.strictObject({
  trailName: optionalTextOf(200),
  trailLocation: optionalTextOf(200),
  additionalNotes: optionalTextOf(4_000),
});

const detailsSchema = z.strictObject({
  vehicleInfo: vehicleSchema.nullish().transform((vehicle) => vehicle ?? undefined),
  context: contextSchema.nullish().transform((context) => context ?? undefined),
});

/** The members of `POST /api/analyze`, in JSON or as parts of a form. The model's id and the images are read further below. */
export const analysisBodySchema = detailsSchema.extend({
  images: z.array(z.string()).min(1).max(MAX_IMAGES),
  model: z.string().optional(),
});

export interface AnalysisRequest extends z.output<typeof detailsSchema> {
  /** Gives back the memory that the request takes. */
  release(): void;
  photos: Photo[];
  requestedModel: string;
  /** The model to call. */
  model: string;
}

/**
 * `POST /api/analyze`, as `multipart/form-data` (parts `images`, `model`, `vehicleInfo`, `context`) or as JSON (the
 * same members; images as data URLs or bare base64). Without `model`, the one of the settings is called.
 * @throws RequestError 4xx with the front-end's texts, naming the field; TrailmeterError 503 without memory for it.
 */
export async function readAnalysisRequest(
  request: HttpRequest,
  {
    settings,
    memory,
  }: {
    settings: Pick<Settings, 'MAX_REQUEST_BYTES' | 'MODEL_ALIASES' | 'MODEL_ANALYSIS'>;
    memory: RequestMemory;
  },
): Promise<AnalysisRequest> {
  const multipart = requireContentType(request, 'multipart/form-data', 'application/json') === 'multipart/form-data';
  const [read, copies] = multipart ? [fromForm, FORM_COPIES] : [fromJson, JSON_COPIES];
  const maxBytes = settings.MAX_REQUEST_BYTES;
  const body = await takeForBody(request, memory, maxBytes, copies);
  try {
    const parts = await read(request, maxBytes, body);
    const details = decodeRequest(detailsSchema, parts.details);
    const requested = parts.model ?? settings.MODEL_ANALYSIS;
    const model = visionModel(requested, settings.MODEL_ALIASES);
    const photos = await photosOf(parts.uploads, memory.pictures);
    await body.share.resize(heldBytes(photos));
    return { ...details, photos, requestedModel: String(requested), model, release: body.share.release };
  } catch (error) {
    body.share.release();
    throw error;
  }
}

/** What two requests for an analysis have in common when they are the same, whichever way each was sent. */
export const analysisContent = ({ vehicleInfo, context, photos, model, requestedModel }: AnalysisRequest): unknown => ({
  ...{ vehicleInfo, context, model, requestedModel },
  photos: photos.map(({ base64 }) => createHash('sha256').update(base64).digest('hex')),
});

interface Parts {
  uploads: Upload[];
  /** Absent when the request names none. */
  model: unknown;
  details: unknown;
}

async function fromForm(request: HttpRequest, maxBytes: number, memory: BodyMemory): Promise<Parts> {
  const { uploads, fields } = await readAnalysisForm(request, maxBytes, memory);
  const { model, ...details } = fields;
  return { uploads, model: model || undefined, details };
}

const jsonSchema = z.looseObject({
  images: z
    .array(z.string())
    .nullish()
    .transform((images) => images ?? []),
  model: z.unknown().optional(),
});

async function fromJson(request: HttpRequest, maxBytes: number, memory: BodyMemory): Promise<Parts> {
  const { images, model, ...details } = decodeRequest(jsonSchema, await readLongJson(request, maxBytes, memory));
  const uploads = await uploadsOfTexts(images);
  return { uploads, model: model === '' || model === null ? undefined : model, details };
}
