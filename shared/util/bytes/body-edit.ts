/** One change of a body: `text` in place of its bytes from `start` up to `end`. */
export interface BodyEdit {
  start: number;
  end: number;
  text: string;
}

/** The parts of the body with the changes, which do not overlap; all other bytes stay as they are. */
export function editedBody(bytes: Uint8Array, edits: readonly BodyEdit[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { start, end, text } of [...edits].sort((a, b) => a.start - b.start)) {
    parts.push(bytes.subarray(from, start), Buffer.from(text));
    from = end;
  }
  return [...parts, bytes.subarray(from)];
}
