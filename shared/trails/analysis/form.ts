import type { HttpRequest } from '@azure/functions';
import { invalidField } from '../../errors/request-errors.ts';
import { type FormPart, readForm } from '../../http/form.ts';
import { parseJson } from '../../http/json-body.ts';
import type { BodyMemory } from '../../http/memory/request-memory.ts';
import { imageType } from './images/image-type.ts';
import { checkCount, checkSize, checkType, MAX_IMAGES, MAX_UPLOAD_BYTES, type Upload } from './images/upload.ts';

/** Parts of a form beside its images that anyone sends, with room for file inputs that nobody used. */
const MAX_PARTS = 100;
const MAX_TEXT_BYTES = 262_144;

/** Forms repeat `images`, `images[]` (PHP, axios) or number them. */
const isImages = (name: string): boolean => /^images(?:\[\d{0,3}\])?$/.test(name);

export interface AnalysisForm {
  uploads: Upload[];
  /** The other parts by name: `model` as text, JSON decoded; null for those that are not known here. */
  fields: Record<string, unknown>;
}

/**
 * The form of `POST /api/analyze`. Type, size and number of its images are checked while it arrives.
 * @throws RequestError 4xx naming the field.
 */
export async function readAnalysisForm(
  request: HttpRequest,
  maxBytes: number,
  memory: BodyMemory,
): Promise<AnalysisForm> {
  let count = 0;
  const parts = await readForm(request, {
    maxBytes,
    memory,
    maxParts: MAX_PARTS,
    admit(part) {
      if (!isImages(part.name)) return MAX_TEXT_BYTES;
      if (isUnused(part.fileName, part.bytes.length)) return 0;
      const index = count++;
      // More than are allowed are counted for the error, not held.
      if (index >= MAX_IMAGES) return 0;
      if (part.fileName === undefined && imageType(part.bytes) === undefined)
        throw invalidField(`images.${index}`, 'must be a file');
      checkType(part, index);
      return MAX_UPLOAD_BYTES;
    },
  });
  const images = parts.filter((part) => isImages(part.name) && !isUnused(part.fileName, part.size));
  checkCount(images.length);
  for (const [index, { size }] of images.entries()) checkSize(size, index);
  const others = parts.filter(({ name, fileName, size }) => !isImages(name) && (fileName !== '' || size > 0));
  return {
    uploads: images.map(({ bytes, declaredType }) => ({ bytes, declaredType })),
    fields: Object.fromEntries(others.map((part) => [part.name, readings.get(part.name)?.(part) ?? null])),
  };
}

/** A browser sends an empty part for a file input that nobody used. */
const isUnused = (fileName: string | undefined, size: number): boolean => !fileName && size === 0;

function textOf({ name, size, bytes }: FormPart): string {
  if (size > bytes.byteLength) throw invalidField(name, `must have at most ${MAX_TEXT_BYTES} bytes`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** Browsers send JSON as a text or as a Blob, which is a file of that type. */
function jsonOf(part: FormPart): unknown {
  if (part.fileName !== undefined && !/json|^text\/plain$|octet-stream/.test(part.declaredType))
    throw invalidField(part.name, 'must be JSON text, not a file');
  const text = textOf(part);
  return text.trim() === '' ? undefined : parseJson(text, part.name);
}

const readings = new Map<string, (part: FormPart) => unknown>([
  ['model', (part) => textOf(part).trim()],
  ['vehicleInfo', jsonOf],
  ['context', jsonOf],
]);
