import { BACKSLASH, CLOSE_LIST, CLOSE_OBJECT, COLON, COMMA, OPEN_LIST, OPEN_OBJECT, QUOTE } from './json-bytes.ts';

/** 1 at the bytes that structure a text; most bytes are others. */
const signs = new Uint8Array(256);
for (const sign of [QUOTE, COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT]) signs[sign] = 1;

export interface JsonBounds {
  /** Objects and lists inside each other. */
  depth: number;
  /** Values and member names. */
  values: number;
}

/** Why a JSON text is not read. `key`: a member name that one object has twice. */
export type JsonFault = { kind: 'depth' } | { kind: 'values' } | { kind: 'duplicate'; key: string };

/** Where the value of a member stands in a JSON text; `end` is the first byte behind it. */
export interface MemberSpan {
  /** The quote before its name. */
  nameStart: number;
  start: number;
  end: number;
}

/**
 * The first fault of a JSON text in UTF-8, found in one pass before anything is parsed. Readers differ in which of two members
 * with one name they take, so such a text has two meanings. What is not valid JSON at all is left to the parser.
 * @param members gets those of the outermost object, by name, where the text is valid
 */
export function findJsonFault(
  bytes: Uint8Array,
  { depth, values }: JsonBounds,
  members?: Map<string, MemberSpan>,
): JsonFault | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** The member names of each open object; undefined for an open list. */
  const open: (Set<string> | undefined)[] = [];
  let count = 1;
  let start = 0;
  let end = 0;
  let member: (Omit<MemberSpan, 'end'> & { name: string }) | undefined;
  const endMember = (at: number): void => {
    if (open.length !== 1 || !member) return;
    members?.set(member.name, { nameStart: member.nameStart, start: member.start, end: at });
    member = undefined;
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] as number;
    if (signs[sign] === 0) continue;
    switch (sign) {
      case QUOTE:
        start = at;
        end = stringEnd(text, at);
        at = end;
        break;
      case COLON: {
        const keys = open.at(-1);
        if (!keys) break;
        const key = nameAt(text, start, end);
        if (keys.has(key)) return { kind: 'duplicate', key };
        keys.add(key);
        if (open.length === 1) member = { name: key, nameStart: start, start: at + 1 };
        count += 1;
        break;
      }
      case OPEN_OBJECT:
      case OPEN_LIST:
        if (open.length === depth) return { kind: 'depth' };
        open.push(sign === OPEN_OBJECT ? new Set() : undefined);
        count += 1;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        endMember(at);
        open.pop();
        break;
      case COMMA:
        endMember(at);
        count += 1;
    }
    if (count > values) return { kind: 'values' };
  }
  return undefined;
}

/** Where the string that begins at `start` has its closing quote; the end of the text where it has none. */
function stringEnd(text: Buffer, start: number): number {
  const quote = text.indexOf(QUOTE, start + 1);
  if (quote === -1) return text.length;
  if (text[quote - 1] !== BACKSLASH) return quote;
  for (let at = start + 1; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === QUOTE) return at;
    if (sign === BACKSLASH) at += 1;
  }
  return text.length;
}

/** Names with escapes are the same as without. */
function nameAt(text: Buffer, start: number, end: number): string {
  const raw = text.toString('utf8', start + 1, end);
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(`"${raw}"`);
  } catch {
    return raw; // Not JSON: the parser says so.
  }
}
