/** One change of a body: `text` in place of its bytes from `start` up to `end`. */
export interface BodyEdit {
  start: number;
  end: number;
  text: string;
}

/** The parts of the body with the change; all other bytes stay as they are. */
export const editedBody = (bytes: Uint8Array, { start, end, text }: BodyEdit): Uint8Array[] => [
  bytes.subarray(0, start),
  Buffer.from(text),
  bytes.subarray(end),
];
