import { crc32 } from 'node:zlib';
import sharp from 'sharp';

type Format = 'jpeg' | 'png' | 'gif' | 'webp' | 'avif';

/** A small picture of one colour in a format. */
export const picture = (format: Format, width = 64, height = 48): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: '#7a5a3a' } })
    .toFormat(format)
    .toBuffer();

/** A picture that no format can make small. */
export async function noise(width: number, height: number): Promise<Buffer> {
  let state = 1;
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < pixels.length; at += 1) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    pixels[at] = state >> 16;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

/** A small file whose header says that it is as large as that. */
export function forged(small: Buffer, width: number, height: number): Buffer {
  const bytes = Buffer.from(small);
  const png = bytes.indexOf('IHDR');
  const avif = bytes.indexOf('ispe');
  const webp = bytes.indexOf(Buffer.from([0x9d, 0x01, 0x2a]));
  if (png === 12) {
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  } else if (avif > 0) {
    bytes.writeUInt32BE(width, avif + 8);
    bytes.writeUInt32BE(height, avif + 12);
  } else if (bytes.toString('latin1', 8, 12) === 'WEBP') {
    bytes.writeUInt16LE(width, webp + 3);
    bytes.writeUInt16LE(height, webp + 5);
  } else {
    const frame = [0xc0, 0xc2].map((marker) => bytes.indexOf(Buffer.from([0xff, marker]))).find((at) => at > 0) ?? 0;
    bytes.writeUInt16BE(height, frame + 5);
    bytes.writeUInt16BE(width, frame + 7);
  }
  return bytes;
}

export const file = (bytes: Buffer, type: string, name = 'photo'): File =>
  new File([new Uint8Array(bytes)], name, { type });

/** The form that the front-end sends. */
export function form(parts: Record<string, string | File | (string | File)[]>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(parts)) for (const part of [value].flat()) data.append(name, part);
  return data;
}
