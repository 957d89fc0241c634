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

export const file = (bytes: Buffer, type: string, name = 'photo'): File =>
  new File([new Uint8Array(bytes)], name, { type });

/** The form that the front-end sends. */
export function form(parts: Record<string, string | File | (string | File)[]>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(parts)) for (const part of [value].flat()) data.append(name, part);
  return data;
}
