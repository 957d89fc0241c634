import type { ImageType } from './image-type.ts';
import { isBareJpeg } from './jpeg.ts';

/**
 * Whether a file holds nothing but one upright picture of 8 bits in sRGB, so that its bytes may be passed on: no metadata, no
 * profile, no further frames, nothing after its end. Says nothing about damage inside the picture.
 */
export const isBare: Record<ImageType, (bytes: Uint8Array) => boolean> = {
  'image/jpeg': isBareJpeg,
  'image/png': isBarePng,
  'image/gif': isBareGif,
  'image/webp': isBareWebp,
  // The provider does not take it.
  'image/avif': () => false,
};

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const ascii = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

const pngChunks = new Set(['IHDR', 'PLTE', 'tRNS', 'sRGB', 'pHYs', 'IDAT', 'IEND']);

function isBarePng(bytes: Uint8Array): boolean {
  const data = view(bytes);
  const [bitDepth = 16, colourType = 0] = bytes.subarray(24, 26);
  // Colour, palette, colour with alpha.
  if (bitDepth > 8 || ![2, 3, 6].includes(colourType)) return false;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const name = ascii(bytes, at + 4, at + 8);
    if (!pngChunks.has(name)) return false;
    at += 12 + data.getUint32(at);
    if (name === 'IEND') return at === bytes.length;
  }
  return false;
}

/** Only the simple file format: one chunk of lossy or lossless data. */
function isBareWebp(bytes: Uint8Array): boolean {
  if (!/^VP8[ L]$/.test(ascii(bytes, 12, 16)) || bytes.length < 20) return false;
  const size = view(bytes).getUint32(16, true);
  return 20 + size + (size % 2) === bytes.length;
}

const GRAPHIC_CONTROL = 0xf9;

function isBareGif(bytes: Uint8Array): boolean {
  const tableBytes = (flags = 0): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  const afterBlocks = (from: number): number => {
    let at = from;
    for (let size = bytes[at]; size; size = bytes[at]) at += size + 1;
    return at + 1;
  };
  let frames = 0;
  for (let at = 13 + tableBytes(bytes[10]); at < bytes.length; ) {
    if (bytes[at] === 0x3b) return frames === 1 && at + 1 === bytes.length;
    if (bytes[at] === 0x21 && bytes[at + 1] === GRAPHIC_CONTROL) at = afterBlocks(at + 2);
    else if (bytes[at] === 0x2c && frames++ === 0) at = afterBlocks(at + 11 + tableBytes(bytes[at + 9]));
    else return false;
  }
  return false;
}
