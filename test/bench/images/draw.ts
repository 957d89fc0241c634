import sharp, { type Sharp } from 'sharp';

export interface Drawn {
  name: string;
  bytes: Buffer;
  /** How many of it make one request. */
  copies: number;
}

const twelve: [number, number] = [4_032, 3_024];
const six: [number, number] = [3_000, 2_000];

/** Soft shapes with grain, about as heavy as what cameras see. */
async function scene(): Promise<Buffer> {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 };
  return sharp({ create: { width: 800, height: 600, channels: 3, background: '#888', noise } })
    .png()
    .toBuffer();
}

/** Pictures of each format and kind that the budget knows. */
export async function drawPictures(progress: (text: string) => void): Promise<Drawn[]> {
  const small = await scene();
  const kinds: [string, [number, number], number, (image: Sharp) => Sharp][] = [
    ['12 MP JPEG', twelve, 1, (image) => image.jpeg({ quality: 90 })],
    ['12 MP JPEG', twelve, 8, (image) => image.jpeg({ quality: 90 })],
    ['12 MP JPEG on its side', twelve, 1, (image) => image.withMetadata({ orientation: 6 }).jpeg({ quality: 90 })],
    ['12 MP JPEG, progressive 4:2:0', twelve, 1, (image) => image.jpeg({ quality: 90, progressive: true })],
    [
      '12 MP JPEG, progressive 4:4:4',
      twelve,
      1,
      (image) => image.jpeg({ quality: 90, progressive: true, chromaSubsampling: '4:4:4' }),
    ],
    ['200 MP JPEG', [16_320, 12_240], 1, (image) => image.jpeg({ quality: 80 })],
    ['12 MP PNG', twelve, 1, (image) => image.png({ compressionLevel: 2 })],
    ['12 MP PNG, interlaced', twelve, 1, (image) => image.png({ compressionLevel: 2, progressive: true })],
    ['6 MP PNG, 16 bits with alpha', six, 1, (image) => wide(image).png({ compressionLevel: 2 })],
    [
      '6 MP PNG, 16 bits with alpha, interlaced',
      six,
      1,
      (image) => wide(image).png({ compressionLevel: 2, progressive: true }),
    ],
    ['12 MP WebP', twelve, 1, (image) => image.webp({ quality: 80, effort: 0 })],
    ['2 MP GIF', [1_632, 1_224], 1, (image) => image.gif({ effort: 1 })],
    ['12 MP AVIF', twelve, 1, (image) => image.avif({ quality: 60, effort: 0 })],
    ['12 MP AVIF, 10 bits', twelve, 1, (image) => image.avif({ quality: 60, effort: 0, bitdepth: 10 })],
    ['12 MP AVIF with alpha', twelve, 1, (image) => image.ensureAlpha(0.5).avif({ quality: 60, effort: 0 })],
  ];
  const drawn: Drawn[] = [];
  for (const [name, [width, height], copies, encode] of kinds) {
    progress(`draw ${name}`);
    const image = sharp(small, { limitInputPixels: false }).resize(width, height, { fit: 'fill', kernel: 'cubic' });
    drawn.push({ name, copies, bytes: await encode(image).toBuffer() });
  }
  return drawn;
}

const wide = (image: Sharp): Sharp => image.ensureAlpha(0.9).toColourspace('rgb16');
