import type { Typed } from 'rhea';
import { compound, encodeString, encodeSymbol } from './amqp-encode.ts';
import { type AmqpError, outcomes, Writer } from './rhea-internals.ts';

/** Encodes a value of rhea's types, made or read. */
export function encodeTyped(value: Typed): Buffer {
  const writer = new Writer();
  writer.write(withPlainElements(value));
  return writer.toBuffer();
}

/** rhea reads the elements of an array as typed values, but takes only their plain values to write. */
function withPlainElements(typed: Typed): Typed {
  const { value, array_constructor } = typed as Typed & { array_constructor?: object };
  if (!Array.isArray(value)) return typed;
  const items = value.map((item) => (item?.type ? withPlainElements(item) : item));
  const plain = array_constructor ? items.map((item) => (item?.type ? item.value : item)) : items;
  return Object.assign(Object.create(typed), { value: plain });
}

const accepted = Buffer.from([0x00, 0x53, 0x24, 0x45]);

/** The state of an answer to a settlement, encoded: accepted, or rejected with an error. */
export function encodeState(error?: AmqpError): Buffer {
  return error ? encodeTyped(outcomes.rejected({ error }).described()) : accepted;
}

/** A frame of the channel with this performative (a described list); the payload follows as it is. */
function frame(channel: number, code: number, fields: readonly Buffer[], payloadBytes: number): Buffer {
  const size = fields.reduce((sum, field) => sum + field.length, 0);
  const out = Buffer.allocUnsafe(8 + 3 + 9 + size);
  out.writeUInt32BE(out.length + payloadBytes, 0);
  out.writeUInt32BE(0x0200_0000 | channel, 4);
  out.writeUIntBE(0x005300 | code, 8, 3);
  out.writeUInt8(0xd0, 11);
  out.writeUInt32BE(size + 4, 12);
  out.writeUInt32BE(fields.length, 16);
  let at = 20;
  for (const field of fields) at += field.copy(out, at);
  return out;
}

function uint(value: number): Buffer {
  const out = Buffer.allocUnsafe(5);
  out.writeUInt8(0x70, 0);
  out.writeUInt32BE(value >>> 0, 1);
  return out;
}

const yes = Buffer.from([0x41]);
const no = Buffer.from([0x42]);
const formatZero = Buffer.from([0x43]);

/** The bytes of a transfer frame in front of its payload. */
export function transferHead(
  channel: number,
  transfer: { handle: number; deliveryId: number; tag: Buffer; settled: boolean; more: boolean },
  payloadBytes: number,
): Buffer {
  const tag = Buffer.concat([Buffer.from([0xa0, transfer.tag.length]), transfer.tag]);
  const fields = [
    uint(transfer.handle),
    uint(transfer.deliveryId),
    tag,
    formatZero,
    transfer.settled ? yes : no,
    transfer.more ? yes : no,
  ];
  return frame(channel, 0x14, fields, payloadBytes);
}

/** Settles the deliveries `first`–`last` that we sent. */
export function dispositionFrame(channel: number, first: number, last: number, state: Buffer): Buffer {
  return frame(channel, 0x15, [no, uint(first), uint(last), yes, state], 0);
}

/** Closes the connection with the reason. */
export function closeFrame({ condition, description }: AmqpError): Buffer {
  const error = compound(0xd0, [encodeSymbol(condition), encodeString(description)]);
  return frame(0, 0x18, [Buffer.concat([Buffer.from([0x00, 0x53, 0x1d]), error])], 0);
}
