import { randomUUID } from 'node:crypto';
import { BACKSLASH, COLON, QUOTE } from '../util/json/json-bytes.ts';
import { findJsonFault, type JsonBounds } from '../util/json/json-faults.ts';
import { createTurns } from '../util/loop.ts';

/** Texts from this length on are parsed apart from the rest, in bytes. */
const LONG_TEXT = 16_384;
/** What is not in long texts is parsed at once, so it is bounded. */
const MAX_REST = 262_144;
/** Quotes, with those inside texts: to look at more holds up other requests. */
const MAX_QUOTES = 1_000_000;
/** Bytes of a long text that are parsed in one step: some milliseconds. */
const STEP = 1_048_576;

/** Of the JSON of our own routes. To check more values against a schema, each of them wrong, holds up other requests. */
export const requestBounds: JsonBounds = { depth: 100, values: 20_000 };

/**
 * The value of a JSON text in UTF-8 that is long because of long texts in it, such as images in base64. It is parsed in steps
 * that leave other requests their turns. Undefined when it is not valid, passes `requestBounds`, has a member twice, or when more than
 * 256 KB of it are not long texts.
 */
export async function parseLongJson(bytes: Uint8Array): Promise<{ value: unknown } | undefined> {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const turns = createTurns();
  const texts: string[] = [];
  const mark = randomUUID();
  let rest = '';
  let from = 0;
  try {
    const quotes = { left: MAX_QUOTES };
    for (let start = source.indexOf(QUOTE); start !== -1; ) {
      const end = endOfText(source, start, quotes);
      if (end === -1) return undefined;
      if (end - start > LONG_TEXT && !isName(source, end)) {
        rest += `${utf8(source, from, start)}"${mark}${texts.length}"`;
        from = end + 1;
        texts.push(await parseText(source, start + 1, end, turns));
      }
      if (rest.length + start - from > MAX_REST) return undefined;
      await turns.giveWay();
      start = source.indexOf(QUOTE, end + 1);
    }
    if (rest.length + source.length - from > MAX_REST) return undefined;
    const restored = (_key: string, value: unknown): unknown =>
      typeof value === 'string' && value.startsWith(mark) ? texts[Number(value.slice(mark.length))] : value;
    rest += utf8(source, from, source.length);
    if (findJsonFault(Buffer.from(rest), requestBounds)) return undefined;
    return { value: texts.length === 0 ? JSON.parse(rest) : JSON.parse(rest, restored) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Throws TypeError for what is not UTF-8. */
const utf8 = (source: Buffer, from: number, to: number): string =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: from > 0 }).decode(source.subarray(from, to));

/** The closing quote of the text that begins at `start`; -1 without one, or after too many others. */
function endOfText(source: Buffer, start: number, quotes: { left: number }): number {
  for (let at = source.indexOf(QUOTE, start + 1); at !== -1; at = source.indexOf(QUOTE, at + 1)) {
    if (--quotes.left < 0) return -1;
    let slashes = 0;
    while (source[at - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

function isName(source: Buffer, end: number): boolean {
  let at = end + 1;
  while (source[at] === 32 || source[at] === 9 || source[at] === 10 || source[at] === 13) at += 1;
  return source[at] === COLON;
}

async function parseText(
  source: Buffer,
  start: number,
  end: number,
  turns: ReturnType<typeof createTurns>,
): Promise<string> {
  const pieces: string[] = [];
  for (let from = start; from < end; ) {
    const to = from + STEP >= end ? end : wholeUntil(source, from, from + STEP);
    pieces.push(JSON.parse(`"${utf8(source, from, to)}"`));
    from = to;
    await turns.giveWay();
  }
  return pieces.join('');
}

/** The last place up to `to` at which neither an escape nor a character is cut. */
function wholeUntil(source: Buffer, from: number, to: number): number {
  let at = to;
  if (source.subarray(from, to).includes(BACKSLASH)) {
    at = from;
    for (let next = from; next <= to; ) {
      at = next;
      next += source[next] === BACKSLASH ? (source[next + 1] === 0x75 ? 6 : 2) : 1;
    }
  }
  while (((source[at] ?? 0) & 0xc0) === 0x80) at -= 1;
  return at;
}
