/** Starts that led to nothing; more of them is not an answer but an attack on our time. */
const MAX_FAILED_STARTS = 256;

/**
 * Every JSON object in a text, in its order: in a fence, between prose, several of them. What lies inside a value
 * that was read is not looked at again, so an array does not pass for its first item.
 */
export function jsonCandidates(text: string): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  let failed = 0;
  for (let at = nextStart(text, 0); at !== -1 && failed < MAX_FAILED_STARTS; ) {
    const end = balancedEnd(text, at);
    const value = end === -1 ? undefined : parsed(text.slice(at, end));
    if (value === undefined) failed += 1;
    else if (!Array.isArray(value)) found.push(value);
    at = nextStart(text, value === undefined ? at + 1 : end);
  }
  return found;
}

function nextStart(text: string, from: number): number {
  const offset = text.slice(from).search(/[{[]/);
  return offset === -1 ? -1 : from + offset;
}

/** Index after the bracket that closes the one at `start`, or -1. Brackets in strings don't count. */
function balancedEnd(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

function parsed(text: string): Record<string, unknown> | unknown[] | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown> | unknown[];
  } catch {
    return undefined;
  }
}
