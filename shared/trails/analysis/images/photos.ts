import type { FailOnOptions, Sharp } from 'sharp';
import type { RequestError } from '../../../errors/request-errors.ts';
import { TrailmeterError } from '../../../errors/trailmeter-error.ts';
import type { MemoryBudget } from '../../../http/memory/memory-budget.ts';
import { isBare } from './bare-file.ts';
import { imageType } from './image-type.ts';
import { hasHole, withStandardScan } from './jpeg.ts';
import { loadSharp } from './load-sharp.ts';
import { decodingBytes } from './pixels.ts';
import { checkCount, checkSize, checkType, invalidImage, type Upload } from './upload.ts';

/** What the provider gets of each: eight of them stay below its 32 MB a request, as base64. */
const MAX_SENT_BYTES = 2_800_000;
/** Longer edges are scaled down by the provider before its models see them (anthropic: 4.7 and later). */
const MAX_EDGE = 2_576;
/** What any picture fits in at the lowest quality. */
const SMALL_EDGE = 1_568;
const QUALITY = 85;
const lowerQualities = [70, 50];
/** A file that takes longer is made to. */
const DECODING_SECONDS = 20;

/** An image as the provider takes it. */
export interface Photo {
  mediaType: 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';
  base64: string;
}

/**
 * The images of a request, checked and fit for the provider: upright, sRGB, 8 bits, the first frame, without metadata.
 * @param memory what pictures may take while they are decoded.
 * @throws RequestError 400 with the front-end's texts; TrailmeterError 503 when `memory` has no room for one.
 */
export async function photosOf(uploads: Upload[], memory: MemoryBudget): Promise<Photo[]> {
  checkCount(uploads.length);
  for (const [index, upload] of uploads.entries()) {
    checkType(upload, index);
    checkSize(upload.bytes.byteLength, index);
  }
  await loadSharp(); // Here, so that its absence is not taken for a damaged picture.
  const photos: Photo[] = [];
  for (const [index, { bytes }] of uploads.entries()) photos.push(await photoOf(bytes, index, memory));
  return photos;
}

/** What photos take until the model has answered: as text, in the body of the call, and as the bytes that are sent. */
export const heldBytes = (photos: readonly Photo[]): number =>
  3 * photos.reduce((sum, { base64 }) => sum + base64.length, 0);

async function photoOf(bytes: Uint8Array, index: number, memory: MemoryBudget): Promise<Photo> {
  try {
    const meta = await (await open(bytes, 'error')).metadata();
    if (meta.format === 'jpeg' && hasHole(bytes, meta.width * meta.height)) throw unreadable(index);
    const share = await memory.take(decodingBytes(meta, index, memory.capacity));
    try {
      const type = imageType(bytes);
      const isSmall = Math.max(meta.width, meta.height) <= MAX_EDGE && bytes.byteLength <= MAX_SENT_BYTES;
      if (isSmall && type && type !== 'image/heic' && type !== 'image/avif' && isBare[type](bytes)) {
        // Decodes all of it: a damaged file must not reach a model.
        await decode(bytes, meta.format, (image) => image.resize(8, 8, { fit: 'fill' }).raw());
        return { mediaType: type, base64: toBase64(bytes) };
      }
      return { mediaType: 'image/jpeg', base64: toBase64(await jpegOf(bytes, meta.format)) };
    } finally {
      share.release();
    }
  } catch (error) {
    throw error instanceof TrailmeterError ? error : unreadable(index, error);
  }
}

const toBase64 = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

/** Pixels are limited by `decodingBytes`. */
async function open(bytes: Uint8Array, failOn: FailOnOptions): Promise<Sharp> {
  const sharp = await loadSharp();
  return sharp(bytes, { limitInputPixels: false, failOn });
}

/** JPEG in the orientation that the camera meant; transparency becomes white. */
async function jpegOf(bytes: Uint8Array, format: string): Promise<Buffer> {
  const plain = (image: Sharp) =>
    image
      .autoOrient()
      .resize(MAX_EDGE, MAX_EDGE, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb');
  const best = await decode(bytes, format, (image) => plain(image).jpeg({ quality: QUALITY }));
  if (best.data.byteLength <= MAX_SENT_BYTES) return best.data;
  const { data, info } = await decode(bytes, format, (image) => plain(image).raw());
  const { width, height, channels } = info;
  const sharp = await loadSharp();
  const picture = () => sharp(data, { raw: { width, height, channels } });
  for (const quality of lowerQualities) {
    const jpeg = await picture().jpeg({ quality }).toBuffer();
    if (jpeg.byteLength <= MAX_SENT_BYTES) return jpeg;
  }
  return picture().resize(SMALL_EDGE, SMALL_EDGE, { fit: 'inside' }).jpeg({ quality: 60 }).toBuffer();
}

/** What `work` makes of the first frame. @throws Error for a file that is damaged. */
async function decode(bytes: Uint8Array, format: string, work: (image: Sharp) => Sharp) {
  const run = async (file: Uint8Array, failOn: FailOnOptions) =>
    work(await open(file, failOn))
      .timeout({ seconds: DECODING_SECONDS })
      .toBuffer({ resolveWithObject: true });
  if (format !== 'jpeg') return run(bytes, 'error');
  // The decoder of JPEG goes on over lost data with a warning, and warns of harmless bytes too.
  return run(withStandardScan(bytes), 'warning').catch((error: unknown) => {
    if (!isHarmless(error)) throw error;
    return run(bytes, 'error');
  });
}

/** Cameras and scanners leave up to some thousand bytes between segments. */
function isHarmless(error: unknown): boolean {
  const lines = error instanceof Error ? error.message.trim().split('\n') : [];
  return lines.every((line) => /^VipsJpeg: Corrupt JPEG data: \d{1,4} extraneous bytes before marker/.test(line));
}

const unreadable = (index: number, cause?: unknown): RequestError =>
  invalidImage(index, 'is damaged', `Image ${index + 1} can't be read. The file may be damaged.`, cause);
