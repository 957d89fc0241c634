import sharp from 'sharp';
import { expect, test } from 'vitest';
import { imageType } from '../../shared/trails/analysis/image-type.ts';
import { photosOf } from '../../shared/trails/analysis/photos.ts';
import { noise, picture } from '../support/pictures.ts';

const photo = async (bytes: Uint8Array, declaredType?: string) => {
  const [first] = await photosOf([{ bytes, declaredType }]);
  if (!first) throw new Error('no photo');
  const data = Buffer.from(first.base64, 'base64');
  return { ...first, data, meta: await sharp(data).metadata() };
};

test.each(['jpeg', 'png', 'gif', 'webp'] as const)('%s goes as it is', async (format) => {
  const bytes = await picture(format);
  const { mediaType, data } = await photo(bytes, `image/${format}`);
  expect(mediaType).toBe(`image/${format}`);
  expect(data.equals(bytes)).toBe(true);
});

test('image/jpg is a JPEG', async () => {
  expect((await photo(await picture('jpeg'), 'image/jpg')).mediaType).toBe('image/jpeg');
});

test('AVIF becomes JPEG, since no provider takes it', async () => {
  const bytes = await picture('avif');
  expect(imageType(bytes)).toBe('image/avif');
  const { mediaType, meta } = await photo(bytes, 'image/avif');
  expect([mediaType, meta.format, meta.width, meta.height]).toEqual(['image/jpeg', 'jpeg', 64, 48]);
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

test('transparency becomes white when a picture is made smaller', async () => {
  const png = await sharp({ create: { width: 3_000, height: 10, channels: 4, background: '#00000000' } })
    .png()
    .toBuffer();
  const { data } = await photo(png);
  const { dominant } = await sharp(data).stats();
  expect(dominant.r).toBeGreaterThan(240);
});

test('a bomb is refused before it is unpacked', async () => {
  const bomb = await sharp({
    create: { width: 12_000, height: 12_000, channels: 3, background: 'black' },
    limitInputPixels: false,
  })
    .png({ compressionLevel: 9 })
    .toBuffer();
  expect(bomb.byteLength).toBeLessThan(1_000_000);
  await expect(photo(bomb)).rejects.toThrow('Image 1 is too large. Maximum is 100 megapixels.');
});

test.each(['jpeg', 'png', 'gif', 'webp', 'avif'] as const)('a damaged %s is refused', async (format) => {
  const bytes = await picture(format, 400, 300);
  await expect(photo(bytes.subarray(0, Math.floor(bytes.byteLength * 0.6)))).rejects.toMatchObject({ status: 400 });
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
