import { itemsOf, numberOf, textOf } from '../src/amqp/amqp-bytes.ts';
import { propertyField, sectionsOf } from '../src/amqp/sections.ts';

/** A value with the name of the AMQP type in which it was encoded. */
export interface TypedValue {
  type: string;
  value: number | string | boolean | Buffer | null;
}

/** Reads a value as strictly as the .NET client does: what was encoded as a uint is a uint and not an int. */
export function typedValue(bytes: Buffer): TypedValue {
  switch (bytes[0]) {
    case 0x40:
      return { type: 'null', value: null };
    case 0x41:
    case 0x42:
      return { type: 'boolean', value: bytes[0] === 0x41 };
    case 0x54:
      return { type: 'int', value: bytes.readInt8(1) };
    case 0x71:
      return { type: 'int', value: bytes.readInt32BE(1) };
    case 0x60:
      return { type: 'ushort', value: bytes.readUInt16BE(1) };
    case 0x43:
    case 0x52:
    case 0x70:
      return { type: 'uint', value: numberOf(bytes) ?? null };
    case 0x55:
      return { type: 'long', value: bytes.readInt8(1) };
    case 0x81:
      return { type: 'long', value: Number(bytes.readBigInt64BE(1)) };
    case 0x83:
      return { type: 'timestamp', value: Number(bytes.readBigInt64BE(1)) };
    case 0xa1:
    case 0xb1:
      return { type: 'string', value: textOf(bytes) ?? null };
    case 0xa3:
    case 0xb3:
      return { type: 'symbol', value: textOf(bytes) ?? null };
    default:
      return { type: `0x${bytes[0]?.toString(16)}`, value: bytes };
  }
}

const section = (message: Buffer, code: number) => sectionsOf(message).find((each) => each.code === code);

/** The entries of a map, by their keys. */
export function entries(map: Buffer): Record<string, Buffer> {
  const items = itemsOf(map, 0, map.length);
  const found: Record<string, Buffer> = {};
  for (let at = 0; at + 1 < items.length; at += 2) found[textOf(items[at] as Buffer) ?? '?'] = items[at + 1] as Buffer;
  return found;
}

function typedEntries(message: Buffer, code: number): Record<string, TypedValue> {
  const found = section(message, code);
  if (!found) return {};
  const raw = entries(message.subarray(found.value, found.end));
  return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, typedValue(value)]));
}

export const applicationPropertiesOf = (message: Buffer) => typedEntries(message, 0x74);
export const annotationsOf = (message: Buffer) => typedEntries(message, 0x72);
export const correlationIdOf = (message: Buffer) => propertyField(message, 5);

/** The fields of the header. */
export function headerOf(message: Buffer): TypedValue[] {
  const found = section(message, 0x70);
  return found ? itemsOf(message, found.value, found.end).map(typedValue) : [];
}

/** The first body section: its kind and its encoded value. */
export function bodyOf(message: Buffer): { code: number; value: Buffer } | undefined {
  const found = sectionsOf(message).find(({ code }) => code >= 0x75 && code <= 0x77);
  return found && { code: found.code, value: message.subarray(found.value, found.end) };
}

/** Everything from the properties on: what the sender wrote and no broker may touch. */
export function bareOf(message: Buffer): Buffer {
  const start = sectionsOf(message).find(({ code }) => code >= 0x73)?.start ?? message.length;
  return message.subarray(start);
}
