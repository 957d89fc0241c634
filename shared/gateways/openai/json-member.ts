const QUOTE = 34;
const BACKSLASH = 92;

/** Where the value of a member stands in a JSON text; `end` is the first byte behind it. */
export interface MemberSpan {
  start: number;
  end: number;
}

/** Finds a member of the outermost object of a valid JSON text in UTF-8, so that it can be replaced and all else stays as it is. */
export function findJsonMember(bytes: Uint8Array, name: string): MemberSpan | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let depth = 0;
  let key = '';
  let start = -1;
  for (let at = 0; at < text.length; at += 1) {
    switch (String.fromCharCode(text[at] as number)) {
      case '"': {
        const end = closingQuote(text, at);
        if (depth === 1 && start === -1) key = text.toString('utf8', at, end + 1);
        at = end;
        break;
      }
      case ':':
        if (depth === 1 && start === -1) start = at + 1;
        break;
      case '{':
      case '[':
        depth += 1;
        break;
      case '}':
      case ']':
        depth -= 1;
        if (depth === 0 && start !== -1 && JSON.parse(key) === name) return { start, end: at };
        break;
      case ',':
        if (depth !== 1) break;
        if (start !== -1 && JSON.parse(key) === name) return { start, end: at };
        start = -1;
    }
  }
  return undefined;
}

function closingQuote(text: Buffer, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === QUOTE) return at;
    if (text[at] === BACKSLASH) at += 1;
  }
  return text.length;
}
