import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Settings } from '../../config/settings.ts';
import { invalidField } from '../../errors/request-errors.ts';
import { requireContentType } from '../../http/body.ts';
import { parseJson, readJson } from '../../http/json-body.ts';
import { readMultipart } from '../../http/multipart.ts';
import { decodeRequest, optionalTextOf } from '../../http/validate.ts';
import { vehicleSchema } from '../vehicle.ts';
import { MAX_IMAGES, type Photo, photosOf, type Upload } from './images.ts';
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
  photos: Photo[];
  requestedModel: string;
  /** The model to call. */
  model: string;
}

/**
 * `POST /api/analyze`, as `multipart/form-data` (parts `images`, `model`, `vehicleInfo`, `context`) or as JSON (the
 * same members; images as data URLs or bare base64). Without `model`, the one of the settings is called.
 * @throws RequestError 4xx with the front-end's texts, naming the field.
 */
export async function readAnalysisRequest(
  request: HttpRequest,
  settings: Pick<Settings, 'MAX_REQUEST_BYTES' | 'MODEL_ALIASES' | 'MODEL_ANALYSIS'>,
): Promise<AnalysisRequest> {
  const multipart = requireContentType(request, 'multipart/form-data', 'application/json') === 'multipart/form-data';
  const parts = multipart
    ? await fromForm(await readMultipart(request, settings.MAX_REQUEST_BYTES))
    : fromJson(await readJson(request, settings.MAX_REQUEST_BYTES));
  if (parts.uploads.length === 0) throw invalidField('images', 'is missing', 'No images provided');
  const details = decodeRequest(detailsSchema, parts.details);
  const requested = parts.model ?? settings.MODEL_ANALYSIS;
  const model = visionModel(requested, settings.MODEL_ALIASES);
  return { ...details, photos: await photosOf(parts.uploads), requestedModel: String(requested), model };
}

interface Parts {
  uploads: Upload[];
  /** Absent when the request names none. */
  model: unknown;
  details: unknown;
}

async function fromForm(form: FormData): Promise<Parts> {
  const images = form.getAll('images');
  const uploads = await Promise.all(
    images.map(async (image, index) => {
      if (typeof image === 'string') throw invalidField(`images.${index}`, 'must be a file');
      return { bytes: new Uint8Array(await image.arrayBuffer()), declaredType: image.type || undefined };
    }),
  );
  // The names of other parts, for the schema to refuse.
  const others = [...form.keys()].filter((name) => name !== 'images' && name !== 'model');
  const details = {
    ...Object.fromEntries(others.map((name) => [name, null])),
    vehicleInfo: jsonPart(form, 'vehicleInfo'),
    context: jsonPart(form, 'context'),
  };
  return { uploads, model: form.get('model') || undefined, details };
}

function jsonPart(form: FormData, name: string): unknown {
  const part = form.get(name);
  if (part === null || part === '') return undefined;
  if (typeof part !== 'string') throw invalidField(name, 'must be JSON text, not a file');
  return parseJson(part, name);
}

const jsonSchema = z.looseObject({
  images: z
    .array(z.string())
    .nullish()
    .transform((images) => images ?? []),
  model: z.unknown().optional(),
});

function fromJson(body: unknown): Parts {
  const { images, model, ...details } = decodeRequest(jsonSchema, body);
  // Too many of them are refused below with the number; none of them need be decoded for that.
  const uploads = images.map((image, index) => (index < MAX_IMAGES ? fromText(image, index) : nothing));
  return { uploads, model: model === '' || model === null ? undefined : model, details };
}

const nothing: Upload = { bytes: new Uint8Array(), declaredType: undefined };
const dataUrl = /^data:([^;,]{0,100})(?:;[^,]{0,100})?;base64,/;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

function fromText(text: string, index: number): Upload {
  const prefix = dataUrl.exec(text);
  const data = text.slice(prefix?.[0].length ?? 0);
  if (data.length % 4 === 1 || !base64.test(data))
    throw invalidField(`images.${index}`, 'must be base64 or a data URL');
  return { bytes: Buffer.from(data, 'base64'), declaredType: prefix?.[1] || undefined };
}
