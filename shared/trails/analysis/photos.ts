import sharp from 'sharp';
import type { RequestError } from '../../errors/request-errors.ts';
import { imageType } from './image-type.ts';
import { checkCount, checkSize, checkType, invalidImage, type Upload } from './upload.ts';

/** What the provider gets of each: eight of them stay below its 32 MB a request, as base64. */
const MAX_SENT_BYTES = 2_800_000;
/** Longer edges are scaled down by the provider before its models see them (anthropic: 4.7 and later). */
const MAX_EDGE = 2_576;
/** A file that unpacks to more is not a photo. */
const MAX_PIXELS = 100_000_000;
const QUALITIES = [85, 70, 50] as const;

/** An image as the provider takes it. */
export interface Photo {
  mediaType: 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';
  base64: string;
}

/**
 * The images of a request, checked and fit for the provider.
 * @throws RequestError 400 with the front-end's texts.
 */
export async function photosOf(uploads: Upload[]): Promise<Photo[]> {
  checkCount(uploads.length);
  for (const [index, upload] of uploads.entries()) {
    checkType(upload, index);
    checkSize(upload.bytes.byteLength, index);
  }
  const photos: Photo[] = [];
  // One after another: each may take a few hundred megabytes while it is decoded.
  for (const [index, { bytes }] of uploads.entries()) photos.push(await prepare(bytes, index));
  return photos;
}

async function prepare(bytes: Uint8Array, index: number): Promise<Photo> {
  const type = imageType(bytes);
  try {
    const { width, height } = await open(bytes).metadata();
    const keeps = Math.max(width, height) <= MAX_EDGE && bytes.byteLength <= MAX_SENT_BYTES;
    if (keeps && type !== 'image/avif' && type !== 'image/heic' && type !== undefined) {
      // Decodes all of it: a damaged file must not reach a model.
      await open(bytes).resize(8, 8, { fit: 'fill' }).raw().toBuffer();
      return { mediaType: type, base64: Buffer.from(bytes).toString('base64') };
    }
    return { mediaType: 'image/jpeg', base64: (await smaller(bytes)).toString('base64') };
  } catch (error) {
    throw unreadable(error, index);
  }
}

const open = (bytes: Uint8Array) => sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'truncated' });

/** JPEG in the orientation that the camera meant; transparency becomes white. */
async function smaller(bytes: Uint8Array): Promise<Buffer> {
  const resized = open(bytes)
    .rotate()
    .resize(MAX_EDGE, MAX_EDGE, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' });
  for (const quality of QUALITIES) {
    const jpeg = await resized.clone().jpeg({ quality }).toBuffer();
    if (jpeg.byteLength <= MAX_SENT_BYTES) return jpeg;
  }
  return open(bytes).rotate().resize(1_568, 1_568, { fit: 'inside' }).flatten().jpeg({ quality: 60 }).toBuffer();
}

function unreadable(error: unknown, index: number): RequestError {
  const bomb = error instanceof Error && /pixel limit/i.test(error.message);
  return bomb
    ? invalidImage(
        index,
        'has too many pixels',
        `Image ${index + 1} is too large. Maximum is ${MAX_PIXELS / 1_000_000} megapixels.`,
      )
    : invalidImage(index, 'is damaged', `Image ${index + 1} can't be read. The file may be damaged.`);
}
