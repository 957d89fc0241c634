import sharp, { type Metadata } from 'sharp';
import { describe, expect, test } from 'vitest';
import { createRequestMemory } from '../../shared/http/memory/request-memory.ts';
import { imageType } from '../../shared/trails/analysis/images/image-type.ts';
import { type Photo, photosOf } from '../../shared/trails/analysis/images/photos.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { forged, noise, picture } from '../support/pictures.ts';

const memory = createRequestMemory({ REQUEST_MEMORY_MB: 512, PICTURE_MEMORY_MB: 512 }, systemClock);

async function photo(bytes: Uint8Array, declaredType?: string): Promise<Photo & { data: Buffer; meta: Metadata }> {
  const [first] = await photosOf([{ bytes, declaredType }], memory.pictures);
  if (!first) throw new Error('no photo');
  const data = Buffer.from(first.base64, 'base64');
  return { ...first, data, meta: await sharp(data).metadata() };
}

/** Upright, sRGB, 8 bits, one frame, and nothing else in the file. */
function expectPlain(meta: Metadata): void {
  expect(meta).toMatchObject({ space: 'srgb', depth: 'uchar', channels: 3 });
  const { orientation, pages, exif, xmp, iptc, icc, comments } = meta;
  expect({ orientation, pages, exif, xmp, iptc, icc, comments }).toEqual({
    orientation: undefined,
    pages: undefined,
    exif: undefined,
    xmp: undefined,
    iptc: undefined,
    icc: undefined,
    comments: undefined,
  });
}

const blank = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: '#7a5a3a' }, limitInputPixels: false });

/** Red above, blue below. */
const flag = (width: number, height: number) =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="50%" fill="#f00"/><rect y="50%" width="100%" height="50%" fill="#00f"/></svg>`,
    ),
  );

/** The mean colour of a part of a picture. */
async function colour(data: Buffer, left: number, top: number): Promise<'red' | 'blue'> {
  const [red = 0, , blue = 0] = await sharp(data).extract({ left, top, width: 1, height: 1 }).raw().toBuffer();
  return red > blue ? 'red' : 'blue';
}

describe('bytes are kept', () => {
  test.each(['jpeg', 'png', 'gif', 'webp'] as const)('%s that holds nothing but its picture', async (format) => {
    const bytes = await picture(format);
    const { mediaType, data } = await photo(bytes, `image/${format}`);
    expect(mediaType).toBe(`image/${format}`);
    expect(data.equals(bytes)).toBe(true);
  });

  test('whatever the sender says that they are', async () => {
    expect((await photo(await picture('webp'), 'image/jpeg')).mediaType).toBe('image/webp');
  });
});

describe('a picture becomes upright sRGB of 8 bits without metadata, whatever its size', () => {
  const gps = { IFD3: { GPSLatitude: '38/1 34/1 12/1', GPSLatitudeRef: 'N' }, IFD0: { Make: 'Camera', Model: 'One' } };
  const xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><place>Moab</place></x:xmpmeta>';
  const cases: [string, (width: number, height: number) => Promise<Buffer>][] = [
    ['EXIF and GPS', (w, h) => blank(w, h).withExif(gps).jpeg().toBuffer()],
    ['XMP', (w, h) => blank(w, h).withXmp(xmp).jpeg().toBuffer()],
    ['a colour profile', (w, h) => blank(w, h).withIccProfile('p3').jpeg().toBuffer()],
    [
      'a zip behind it',
      async (w, h) => Buffer.concat([await blank(w, h).jpeg().toBuffer(), Buffer.from('PK\u0003\u0004')]),
    ],
    ['CMYK', (w, h) => blank(w, h).toColourspace('cmyk').jpeg().toBuffer()],
    ['grey', (w, h) => blank(w, h).toColourspace('b-w').jpeg().toBuffer()],
    ['16 bits', (w, h) => blank(w, h).toColourspace('rgb16').png().toBuffer()],
    [
      'interlaced 16 bits with alpha',
      (w, h) => blank(w, h, 4).toColourspace('rgb16').png({ progressive: true }).toBuffer(),
    ],
    ['text in PNG', (w, h) => blank(w, h).withExif(gps).png().toBuffer()],
    ['metadata in WebP', (w, h) => blank(w, h).withExif(gps).webp().toBuffer()],
    ['progressive', async (w, h) => blank(w, h).withExif(gps).jpeg({ progressive: true }).toBuffer()],
    ['AVIF', (w, h) => blank(w, h).avif({ effort: 0 }).toBuffer()],
    ['AVIF of 10 bits with alpha', (w, h) => blank(w, h, 4).avif({ effort: 0, bitdepth: 10 }).toBuffer()],
  ];
  test.each(cases)('%s', async (_name, draw) => {
    for (const [width, height] of [
      [64, 48],
      [2_800, 300],
    ] as const) {
      const { mediaType, meta } = await photo(await draw(width, height));
      expect(mediaType).toBe('image/jpeg');
      expectPlain(meta);
    }
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('orientation %i', async (orientation) => {
    for (const [width, height] of [
      [80, 60],
      [3_000, 400],
    ] as const) {
      // As a camera stores what it saw upright.
      const turned = { 1: 0, 2: 0, 3: 180, 4: 180, 5: 270, 6: 270, 7: 90, 8: 90 }[orientation];
      const stored = flag(width, height).rotate(turned);
      if ([2, 4, 5, 7].includes(orientation)) stored.flop();
      const bytes = await sharp(await stored.png().toBuffer())
        .withMetadata({ orientation })
        .jpeg()
        .toBuffer();
      const { data, meta } = await photo(bytes);
      expectPlain(meta);
      expect(meta.width > meta.height).toBe(true);
      expect([await colour(data, 4, 2), await colour(data, meta.width - 8, meta.height - 6)]).toEqual(['red', 'blue']);
    }
  });

  test.each(['gif', 'webp'] as const)('the first of 300 frames (%s)', async (format) => {
    const [first, later] = [await flag(16, 16).png().toBuffer(), await blank(16, 16).png().toBuffer()];
    const frames = [first, ...Array(299).fill(later)];
    const bytes = await sharp(frames, { join: { animated: true } })
      .toFormat(format)
      .toBuffer();
    const { mediaType, data, meta } = await photo(bytes);
    expect(mediaType).toBe('image/jpeg');
    expectPlain(meta);
    expect(await colour(data, 4, 2)).toBe('red');
    expect(await colour(data, 4, 12)).toBe('blue');
  });

  test('a long edge is scaled down, in proportion', async () => {
    const { meta } = await photo(await picture('jpeg', 5_000, 1_000));
    expect([meta.width, meta.height]).toEqual([2_576, 515]);
  });

  test('a heavy picture becomes light', async () => {
    const bytes = await noise(1_600, 1_200);
    expect(bytes.byteLength).toBeGreaterThan(5_000_000);
    expect((await photo(bytes)).data.byteLength).toBeLessThanOrEqual(2_800_000);
  });

  test('transparency becomes white', async () => {
    const { data } = await photo(await blank(3_000, 10).ensureAlpha(0).png().toBuffer());
    expect((await sharp(data).stats()).dominant.r).toBeGreaterThan(240);
  });
});

describe('pixels', () => {
  test('a JPEG of 200 megapixels is decoded at a fraction', async () => {
    const { meta } = await photo(await blank(16_320, 12_240).jpeg({ quality: 30 }).toBuffer());
    expect([meta.width, meta.height]).toEqual([2_576, 1_932]);
  });

  const small = () => blank(64, 48);
  const bombs: [string, () => Promise<Buffer>, [width: number, height: number], string][] = [
    [
      'a JPEG of more than 200',
      () => small().jpeg().toBuffer(),
      [20_000, 20_000],
      'Image 1 is too large (400 megapixels). Maximum is 201 megapixels.',
    ],
    [
      'AVIF that would take 2 GB',
      () => small().avif({ effort: 0 }).toBuffer(),
      [9_990, 9_990],
      'Image 1 is too large (99 megapixels). Maximum is 23 megapixels for a file of this kind. Please send it smaller, or as an ordinary JPEG.',
    ],
    [
      'interlaced PNG of 16 bits',
      () => small().ensureAlpha().toColourspace('rgb16').png({ progressive: true }).toBuffer(),
      [9_000, 9_000],
      'Image 1 is too large (81 megapixels). Maximum is 53 megapixels for a file of this kind.',
    ],
    [
      'progressive JPEG',
      () => small().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
      [14_000, 12_000],
      'Image 1 is too large (168 megapixels). Maximum is 74 megapixels for a file of this kind.',
    ],
    [
      'WebP',
      () => small().webp({ effort: 0 }).toBuffer(),
      [14_000, 12_000],
      'Image 1 is too large (168 megapixels). Maximum is 93 megapixels for a file of this kind.',
    ],
    ['a very long one', () => small().png().toBuffer(), [1_000_000, 10], 'Image 1 is too large'],
  ];
  test.each(bombs)('%s is refused before it is decoded', async (_name, draw, [width, height], text) => {
    await expect(photo(forged(await draw(), width, height))).rejects.toThrow(text);
  });
});

describe('damage', () => {
  test.each(['jpeg', 'png', 'gif', 'webp', 'avif'] as const)('a %s that is cut off is refused', async (format) => {
    const bytes = await picture(format, 400, 300);
    await expect(photo(bytes.subarray(0, Math.floor(bytes.byteLength * 0.6)))).rejects.toMatchObject({ status: 400 });
  });

  test('a PNG with a wrong checksum', async () => {
    const bytes = await picture('png', 400, 300);
    const at = bytes.indexOf('IDAT') + 20;
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    await expect(photo(bytes)).rejects.toThrow("Image 1 can't be read. The file may be damaged.");
  });

  const grain = async (options: object = {}): Promise<Buffer> =>
    sharp(await noise(400, 300))
      .jpeg({ quality: 80, ...options })
      .toBuffer();

  test.each([
    ['sequential', {}],
    ['progressive', { progressive: true }],
  ])('a %s JPEG whose second half is zeros, with and without an end', async (_name, options) => {
    const bytes = await grain(options);
    bytes.fill(0, bytes.length >> 1, bytes.length - 2);
    await expect(photo(bytes)).rejects.toMatchObject({ status: 400 });
    await expect(photo(bytes.fill(0, bytes.length - 2))).rejects.toMatchObject({ status: 400 });
  });

  test('the wrong spectral selection of some phones does no harm', async () => {
    const bytes = await grain();
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]));
    bytes[scan + 2 + bytes.readUInt16BE(scan + 2) - 2] = 0;
    expectPlain((await photo(bytes)).meta);
    bytes.fill(0, bytes.length >> 1, bytes.length - 2);
    await expect(photo(bytes)).rejects.toMatchObject({ status: 400 });
  });

  test('zeros behind the picture do no harm', async () => {
    const padded = Buffer.concat([await grain(), Buffer.alloc(1_000_000)]);
    expectPlain((await photo(padded)).meta);
  });

  test('bytes between segments do no harm', async () => {
    const bytes = await grain();
    const odd = Buffer.concat([bytes.subarray(0, 20), Buffer.alloc(18, 0x41), bytes.subarray(20)]);
    const { mediaType, meta } = await photo(odd);
    expect(mediaType).toBe('image/jpeg');
    expectPlain(meta);
  });
});

test('more than 32 MB are refused with the size', async () => {
  const bytes = Buffer.concat([await picture('jpeg'), Buffer.alloc(34_000_000)]);
  await expect(photo(bytes)).rejects.toThrow('Image 1 is too large (32.4MB). Maximum size is 32MB per image.');
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a PDF', Buffer.from('%PDF-1.7')],
  ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['a film', Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypmp42')])],
  ['RIFF of another kind', Buffer.from('RIFF0000WAVE')],
])('%s is not an image', async (_name, bytes) => {
  expect(imageType(bytes)).toBeUndefined();
  await expect(photo(bytes)).rejects.toThrow('Invalid file type for image 1: unknown.');
});

test.each(['heic', 'heix', 'mif1'])('HEIC (%s) is refused with advice', async (brand) => {
  const bytes = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from(`ftyp${brand}`)]);
  await expect(photo(bytes)).rejects.toThrow('Image 1 is a HEIC photo. Please send it as JPEG: on an iPhone');
});
