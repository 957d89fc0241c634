import { compound, encodeString, encodeSymbol } from '../src/amqp/amqp-encode.ts';

/** AMQP values, each encoded with the type that its name says: what a client with strict types writes. */
export const nothing = Buffer.from([0x40]);
export const yes = Buffer.from([0x41]);
export const no = Buffer.from([0x42]);
export const string = encodeString;
export const symbol = encodeSymbol;
export const ubyte = (value: number) => Buffer.from([0x50, value]);
export const list = (...items: Buffer[]) => compound(0xd0, items);
export const map = (entries: readonly (readonly [string, Buffer])[], key = string) =>
  compound(
    0xd1,
    entries.flatMap(([name, value]) => [key(name), value]),
  );

export function uint(value: number): Buffer {
  const out = Buffer.from([0x70, 0, 0, 0, 0]);
  out.writeUInt32BE(value, 1);
  return out;
}

export function int(value: number): Buffer {
  const out = Buffer.from([0x71, 0, 0, 0, 0]);
  out.writeInt32BE(value, 1);
  return out;
}

function wide(code: number, value: bigint): Buffer {
  const out = Buffer.alloc(9, code);
  out.writeBigInt64BE(value, 1);
  return out;
}
export const long = (value: number | bigint) => wide(0x81, BigInt(value));
export const timestamp = (value: number) => wide(0x83, BigInt(value));
export const uuid = (bytes: Buffer) => Buffer.concat([Buffer.from([0x98]), bytes]);

export function binary(bytes: Buffer): Buffer {
  const head = Buffer.from([0xb0, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** An array of values of one fixed-width type, given as encoded values. */
export function array(items: readonly Buffer[]): Buffer {
  const code = items[0]?.subarray(0, 1) ?? nothing;
  const body = Buffer.concat([code, ...items.map((item) => item.subarray(1))]);
  const head = Buffer.alloc(9, 0xf0);
  head.writeUInt32BE(4 + body.length, 1);
  head.writeUInt32BE(items.length, 5);
  return Buffer.concat([head, body]);
}

export const described = (code: number, value: Buffer) => Buffer.concat([Buffer.from([0x00, 0x53, code]), value]);

/** The sections of a message. */
export const properties = (...fields: Buffer[]) => described(0x73, list(...fields));
export const applicationProperties = (entries: readonly (readonly [string, Buffer])[]) => described(0x74, map(entries));
export const data = (bytes: Buffer) => described(0x75, binary(bytes));
export const value = (body: Buffer) => described(0x77, body);

/** A frame: AMQP (type 0) or SASL (type 1). */
export function frame(channel: number, performative: Buffer, payload: Buffer = Buffer.alloc(0), type = 0): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + performative.length + payload.length, 0);
  head.writeUInt32BE(0x0200_0000 | (type << 16) | channel, 4);
  return Buffer.concat([head, performative, payload]);
}

/** The eight bytes that begin a layer: AMQP (0) or SASL (3). */
export const protocolHeader = (protocol: 0 | 3) => Buffer.from([0x41, 0x4d, 0x51, 0x50, protocol, 1, 0, 0]);
