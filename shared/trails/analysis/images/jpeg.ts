const SOS = 0xda;
const EOI = 0xd9;
/** Quantisation and Huffman tables, restart interval: what decoding needs besides the frame and the scans. */
const tables = new Set([0xdb, 0xc4, 0xdd]);
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

interface Segment {
  marker: number;
  /** Where its data begins (after the length) and ends. */
  start: number;
  end: number;
}

/** The segments of a JPEG file in order. Ends at EOI, or where the file is not as it must be. */
function* segments(bytes: Uint8Array): Generator<Segment> {
  let at = 2;
  for (;;) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++;
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff || marker === undefined || marker === 0) return;
    if (marker === EOI) return yield { marker, start: at + 2, end: at + 2 };
    const end = at + 2 + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0);
    if (end < at + 4 || end > bytes.length) return;
    yield { marker, start: at + 4, end };
    at = marker === SOS ? afterScan(bytes, end) : end;
  }
}

/** Where the compressed data of a scan ends: at a marker other than a restart. */
function afterScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

/** Whether a JPEG has three components of 8 bits and nothing but its picture: no metadata, thumbnail or trailing data. */
export function isBareJpeg(bytes: Uint8Array): boolean {
  let hasFrame = false;
  for (const { marker, start, end } of segments(bytes)) {
    if (marker === EOI) return hasFrame && end === bytes.length;
    if (isFrame(marker)) {
      hasFrame = bytes[start] === 8 && bytes[start + 5] === 3;
      if (!hasFrame) return false;
    } else if (marker === 0xe0) {
      if (end - start !== 14 || bytes[start + 12] !== 0 || bytes[start + 13] !== 0) return false;
    } else if (marker !== SOS && !tables.has(marker)) return false;
  }
  return false;
}

/**
 * The file with the spectral selection of a sequential scan as the standard has it. Phones of one maker write other values;
 * decoders ignore them with a warning, which would stop a decoder that is strict with damaged files.
 */
export function withStandardScan(bytes: Uint8Array): Uint8Array {
  for (const { marker, start, end } of segments(bytes)) {
    if (isFrame(marker) && marker !== 0xc0 && marker !== 0xc1) return bytes;
    if (marker !== SOS) continue;
    if (bytes[end - 3] === 0 && bytes[end - 2] === 63 && bytes[end - 1] === 0) return bytes;
    const standard = Uint8Array.from(bytes);
    standard.set([0, 63, 0], end - 3);
    return start < end - 3 ? standard : bytes;
  }
  return bytes;
}

const hole = Buffer.alloc(1_024);
/** Flat areas may be zeros too, of which a byte stands for more pixels than this. */
const PIXELS_OF_A_ZERO = 20;

/**
 * Whether zeros stand where the data of a JPEG was, as after an upload or a copy that broke off. A decoder may take them for
 * flat blocks without a warning.
 */
export function hasHole(file: Uint8Array, pixels: number): boolean {
  // What follows the picture is not looked at: a film, or padding.
  const pictureEnd = [...segments(file)].find(({ marker }) => marker === EOI)?.end ?? file.byteLength;
  const bytes = Buffer.from(file.buffer, file.byteOffset, pictureEnd);
  for (let start = bytes.indexOf(hole); start !== -1; ) {
    let end = start + hole.length;
    while (bytes[end] === 0) end += 1;
    if ((end - start) * PIXELS_OF_A_ZERO > pixels) return true;
    start = bytes.indexOf(hole, end);
  }
  return false;
}
