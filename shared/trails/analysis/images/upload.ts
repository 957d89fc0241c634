import { invalidField, type RequestError } from '../../../errors/request-errors.ts';
import { decodeBase64 } from '../../../util/base64.ts';
import { imageType, imageTypes } from './image-type.ts';

export const MAX_IMAGES = 8;
/** Of an upload, by the contract: 32 MiB. */
export const MAX_UPLOAD_BYTES = 33_554_432;

/** An image as it came. */
export interface Upload {
  bytes: Uint8Array;
  /** What its sender says that it is; only named in errors. */
  declaredType: string | undefined;
}

/** @throws RequestError 400 for none and for too many. */
export function checkCount(count: number): void {
  if (count === 0) throw invalidField('images', 'is missing', 'No images provided');
  if (count > MAX_IMAGES)
    throw invalidField('images', `${count} are too many`, `Too many images (${count}). Maximum is ${MAX_IMAGES}.`);
}

/** @throws RequestError 400 */
export function checkSize(bytes: number, index: number): void {
  if (bytes <= MAX_UPLOAD_BYTES) return;
  const text = `Image ${index + 1} is too large (${(bytes / 1_048_576).toFixed(1)}MB). Maximum size is 32MB per image.`;
  throw invalidImage(index, 'is larger than 32MB', text);
}

/** Needs the first bytes only. @throws RequestError 400 for a file whose bytes are not those of an accepted type. */
export function checkType({ bytes, declaredType }: Upload, index: number): void {
  const type = imageType(bytes);
  if (type === 'image/heic') throw invalidImage(index, 'is HEIC', `Image ${index + 1} is a HEIC photo. ${HEIC_ADVICE}`);
  if (type !== undefined) return;
  const declared = declaredType?.slice(0, 60);
  const isTelling = declared !== undefined && !vague.test(declared) && !imageTypes.some((known) => known === declared);
  throw invalidImage(
    index,
    isTelling ? `must be an image, not ${declared}` : 'must be an image',
    `Invalid file type for image ${index + 1}: ${isTelling ? declared : 'unknown'}. Allowed types: ${imageTypes.join(', ')}`,
  );
}

/** Types that say nothing about what a file is. */
const vague = /^(?:|image\/(?:\*|jpg)|application\/octet-stream)$/;

const HEIC_ADVICE =
  'Please send it as JPEG: on an iPhone choose Settings > Camera > Formats > Most Compatible for new photos, and for this one ' +
  'copy it in Photos, paste it in Files and upload the file from there.';

/** The images of a JSON body: data URLs or base64 alone. @throws RequestError 400 */
export async function uploadsOfTexts(texts: readonly string[]): Promise<Upload[]> {
  checkCount(texts.length);
  const uploads: Upload[] = [];
  for (const [index, text] of texts.entries()) {
    const prefix = /^\s*data:([^;,]*)(?:;[^,]*)?,/i.exec(text.slice(0, LONGEST_PREFIX));
    const bytes = await decodeBase64(text.slice(prefix?.[0].length ?? 0));
    if (bytes === undefined || bytes.byteLength === 0)
      throw invalidField(`images.${index}`, 'must be base64 or a data URL');
    uploads.push({ bytes, declaredType: prefix?.[1]?.trim().toLowerCase() });
  }
  return uploads;
}

/** Characters of a data URL before its data. */
const LONGEST_PREFIX = 400;

export const invalidImage = (index: number, problem: string, text: string, cause?: unknown): RequestError =>
  invalidField(`images.${index}`, problem, text, cause);
