import rhea, { type Typed } from 'rhea';
import { checkValue } from './amqp-bytes.ts';
import { Reader } from './rhea-internals.ts';
import { sectionsOf } from './sections.ts';

/** A map of rhea's types: its text keys with values that still know their AMQP type. Anything but a map has no entries. */
export function entriesOf(map: Typed | undefined): Map<string, Typed> {
  const entries = new Map<string, Typed>();
  if (!map || !rhea.types.is_map(map)) return entries;
  const items = map.value as Typed[];
  for (let i = 0; i + 1 < items.length; i += 2) {
    const [key, value] = [items[i], items[i + 1]];
    if (typeof key?.value === 'string' && value) entries.set(key.value, value);
  }
  return entries;
}

/** The plain value: number, text, Buffer, Date, boolean, list or map; undefined for null. */
export const plain = (typed: Typed | undefined): unknown =>
  typed ? (rhea.types.unwrap(typed) ?? undefined) : undefined;

/** Reads encoded bytes that are one AMQP value. @throws MalformedError */
export function readTyped(bytes: Buffer): Typed {
  checkValue(bytes, 0, bytes.length);
  return new Reader(bytes).read();
}

/** The value of a message section (0x74 application properties, 0x77 body); undefined when there is none. @throws MalformedError */
export function sectionValue(message: Buffer, code: number): Typed | undefined {
  const section = sectionsOf(message).find((each) => each.code === code);
  return section && readTyped(message.subarray(section.value, section.end));
}
