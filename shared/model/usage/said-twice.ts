import { findJsonFault } from '../../util/json/json-faults.ts';

const counted = ['usage', 'input_tokens', 'output_tokens', 'prompt_tokens', 'completion_tokens'].map((name) =>
  Buffer.from(`"${name}"`),
);
const bounds = { depth: 1_000, values: 10_000_000 };

/** Whether a JSON answer has one member twice, a count maybe: then nobody knows which of both is charged. */
export function saysTwice(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isRepeated = (name: Buffer): boolean => {
    const first = text.indexOf(name);
    return first !== -1 && text.indexOf(name, first + name.length) !== -1;
  };
  // Most answers name each count once, which is found out faster.
  return counted.some(isRepeated) && findJsonFault(bytes, bounds)?.kind === 'duplicate';
}
