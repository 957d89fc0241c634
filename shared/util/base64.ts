import { createTurns } from './loop.ts';

/** Characters that are decoded in one step: some milliseconds. */
const STEP = 1_048_576;

/**
 * The bytes of base64 as programs write it: either alphabet, with or without padding, with line breaks and spaces anywhere.
 * Undefined when anything else is in it, or when it ends in the middle of a byte.
 */
export async function decodeBase64(text: string): Promise<Buffer | undefined> {
  const turns = createTurns();
  const bytes = Buffer.allocUnsafeSlow(Math.ceil((text.length / 4) * 3));
  let size = 0;
  let rest = '';
  let padding = 0;
  for (let at = 0; at < text.length; at += STEP) {
    await turns.giveWay();
    const step = text.slice(at, at + STEP).replace(/\s+/g, '');
    const [data = '', pad = ''] = padding === 0 ? (/^([^=]*)(=*)$/.exec(step)?.slice(1) ?? ['!']) : ['', step];
    padding += pad.length;
    if (!/^[A-Za-z0-9+/_-]*$/.test(data) || !/^=*$/.test(pad) || padding > 2) return undefined;
    const ready = rest + data;
    const whole = ready.length - (ready.length % 4);
    size += bytes.write(ready.slice(0, whole), size, 'base64');
    rest = ready.slice(whole);
  }
  if (rest.length === 1 || (padding > 0 && (rest.length + padding) % 4 !== 0)) return undefined;
  size += bytes.write(rest, size, 'base64');
  return bytes.subarray(0, size);
}
