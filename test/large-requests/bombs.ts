import sharp, { type Sharp } from 'sharp';

/** An upload of the attack. `fits`: whether the budget of an instance with 2 GB decodes it. */
export interface Bomb {
  name: string;
  bytes: Buffer;
  fits: boolean;
}

const plain = (megapixels: number, channels: 3 | 4 = 3): Sharp => {
  const edge = Math.floor(Math.sqrt(megapixels * 1_000_000));
  return sharp({ create: { width: edge, height: edge, channels, background: '#334' }, limitInputPixels: false });
};

/**
 * Small files that take as much as the budget allows to decode, and as much as formats allow.
 * @param share of the megapixels that 512 MB decode: less for smaller budgets.
 */
export async function drawBombs(share = 1): Promise<Bomb[]> {
  const draw = async (name: string, fits: boolean, image: Sharp): Promise<Bomb> => ({
    name,
    fits,
    bytes: await image.toBuffer(),
  });
  const deep = (megapixels: number) => plain(megapixels, 4).toColourspace('rgb16');
  return [
    await draw('AVIF', true, plain(22 * share).avif({ effort: 0 })),
    await draw('AVIF, too large', false, plain(100 * share).avif({ effort: 0, quality: 1 })),
    await draw('AVIF of 10 bits', true, plain(16 * share).avif({ effort: 0, bitdepth: 10 })),
    await draw('interlaced PNG of 16 bits', true, deep(50 * share).png({ progressive: true })),
    await draw('interlaced PNG of 16 bits, too large', false, deep(90 * share).png({ progressive: true })),
    await draw('PNG', true, plain(190 * share).png()),
    await draw('progressive JPEG', true, plain(140 * share).jpeg({ progressive: true })),
    await draw('JPEG', true, plain(190 * share).jpeg({ quality: 50 })),
    await draw('WebP', true, plain(90 * share).webp({ effort: 0, quality: 1 })),
    await draw('GIF', true, plain(60 * share).gif({ effort: 1 })),
  ];
}
