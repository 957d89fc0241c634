import type { Metadata } from 'sharp';
import { invalidImage } from './upload.ts';

/** What a picture takes whatever its size: buffers of the codecs, and the reduced picture. In bytes. */
const BASE_BYTES = 64 * 1_048_576;
/** The largest sensors of phones. A file that unpacks to more is not a photo. */
const MAX_PIXELS = 16_384 * 12_288;
const MAX_EDGE = 65_535;

/**
 * The bytes that decoding a picture takes at most, by what its header says.
 * @param capacity what there is, in bytes.
 * @throws RequestError 400 when it is larger than `capacity` or than any photo.
 */
export function decodingBytes(meta: Metadata, index: number, capacity: number): number {
  const { width, height } = meta;
  const pixels = width * height;
  const perPixel = bytesPerPixel(meta);
  const most = Math.min(MAX_PIXELS, (capacity - BASE_BYTES) / perPixel);
  if (pixels <= most && Math.max(width, height) <= MAX_EDGE) return BASE_BYTES + pixels * perPixel;
  const advice = most < MAX_PIXELS ? ' for a file of this kind. Please send it smaller, or as an ordinary JPEG.' : '.';
  throw invalidImage(
    index,
    'has too many pixels',
    `Image ${index + 1} is too large (${megapixels(pixels)} megapixels). Maximum is ${megapixels(most)} megapixels${advice}`,
  );
}

const megapixels = (pixels: number): number => Math.max(1, Math.floor(pixels / 1_000_000));

/** Measured with `npm run bench -- images`, rounded up. */
function bytesPerPixel({
  format,
  depth,
  channels,
  isProgressive,
  chromaSubsampling,
  pages,
  hasAlpha,
}: Metadata): number {
  const wide = depth !== 'uchar';
  switch (format) {
    case 'jpeg':
      // A scan after another needs the coefficients of the whole picture; otherwise a fraction of it is decoded as it comes.
      if (isProgressive) return chromaSubsampling === '4:2:0' ? 3.2 : 2.1 * channels;
      return 0.3;
    case 'png':
      return isProgressive ? 1.1 * channels * (wide ? 2 : 1) : 2;
    case 'webp':
      return (pages ?? 1) > 1 ? 12 : 5;
    case 'gif':
      return (pages ?? 1) > 1 ? 10 : 6;
    default:
      // AVIF
      return (wide ? 27 : 20) + (hasAlpha ? 5 : 0);
  }
}
