import { encodeString, encodeSymbol } from '../amqp/amqp-encode.ts';
import type { Content } from './content.ts';
import type { Stamp } from './stamp.ts';

const key = encodeSymbol;
const keys = {
  sequenceNumber: key('x-opt-sequence-number'),
  enqueueSequenceNumber: key('x-opt-enqueue-sequence-number'),
  enqueuedTime: key('x-opt-enqueued-time'),
  lockedUntil: key('x-opt-locked-until'),
  messageState: key('x-opt-message-state'),
  deadLetterSource: key('x-opt-deadletter-source'),
};
const stateCodes = { active: 0, deferred: 1, scheduled: 2 };
const MAX_UINT = 0xffff_ffff;

/**
 * The message as a receiver gets it: a new header and annotations in the types that strict clients cast to
 * (sequence numbers long, times timestamp, state int), then the sender's own bytes.
 */
export function encodeMessage(content: Content, stamp: Stamp): Buffer {
  const source = stamp.deadLetterSource === undefined ? undefined : encodeString(stamp.deadLetterSource);
  const own =
    keys.sequenceNumber.length +
    keys.enqueueSequenceNumber.length +
    keys.enqueuedTime.length +
    keys.messageState.length +
    3 * 9 +
    5 +
    (stamp.lockedUntil === undefined ? 0 : keys.lockedUntil.length + 9) +
    (source ? keys.deadLetterSource.length + source.length : 0);
  const head = 3 + 3 + 1 + 2 + 5 + 1 + 5;
  const out = Buffer.allocUnsafe(head + 3 + 9 + own + content.annotations.length + content.bare.length);
  let at = writeHeader(out, content, stamp);
  out.writeUIntBE(0x005372, at, 3);
  out.writeUInt8(0xd1, at + 3);
  out.writeUInt32BE(4 + own + content.annotations.length, at + 4);
  const count = content.annotationCount + 8 + (stamp.lockedUntil === undefined ? 0 : 2) + (source ? 2 : 0);
  out.writeUInt32BE(count, at + 8);
  at += 12;
  const raw = (bytes: Buffer): void => {
    at += bytes.copy(out, at);
  };
  const wide = (name: Buffer, code: number, value: number): void => {
    raw(name);
    out.writeUInt8(code, at);
    out.writeInt32BE(Math.floor(value / 2 ** 32), at + 1);
    out.writeUInt32BE(value >>> 0, at + 5);
    at += 9;
  };
  raw(content.annotations);
  wide(keys.sequenceNumber, 0x81, stamp.sequenceNumber);
  wide(keys.enqueueSequenceNumber, 0x81, stamp.sequenceNumber);
  wide(keys.enqueuedTime, 0x83, stamp.enqueuedAt);
  if (stamp.lockedUntil !== undefined) wide(keys.lockedUntil, 0x83, stamp.lockedUntil);
  raw(keys.messageState);
  out.writeUInt8(0x71, at);
  out.writeInt32BE(stateCodes[stamp.state], at + 1);
  at += 5;
  if (source) {
    raw(keys.deadLetterSource);
    raw(source);
  }
  raw(content.bare);
  return out.subarray(0, at);
}

/** Writes the header section at 0; its parts have a fixed width, so that the whole needs one allocation. */
function writeHeader(out: Buffer, content: Content, stamp: Stamp): number {
  out.writeUIntBE(0x005370, 0, 3);
  let at = 6;
  out.writeUInt8(content.durable ? 0x41 : 0x42, at);
  out.writeUInt8(0x50, at + 1);
  out.writeUInt8(content.priority, at + 2);
  at += 3;
  if (stamp.ttlMs === undefined) {
    out.writeUInt8(0x40, at);
    at += 1;
  } else {
    out.writeUInt8(0x70, at);
    out.writeUInt32BE(Math.min(stamp.ttlMs, MAX_UINT), at + 1);
    at += 5;
  }
  out.writeUInt8(0x42, at);
  out.writeUInt8(0x70, at + 1);
  out.writeUInt32BE(stamp.deliveryCount, at + 2);
  at += 6;
  out.writeUInt8(0xc0, 3);
  out.writeUInt8(at - 5, 4);
  out.writeUInt8(5, 5);
  return at;
}
