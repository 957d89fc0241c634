import {
  checkValue,
  compound,
  encodeString,
  encodeSymbol,
  endOf,
  itemsOf,
  MalformedError,
  numberOf,
  textOf,
} from './amqp-bytes.ts';

/**
 * A message as the sender encoded it. Everything after the annotations is kept as bytes and never encoded again:
 * a decoder in between would turn an int into a uint and a uuid into binary.
 */
export interface Content {
  durable: boolean;
  /** 0–255; 4 when the sender named none. */
  priority: number;
  /** As the sender asked for; undefined when it did not. */
  ttlMs: number | undefined;
  /** UTC, ms; from the annotation `x-opt-scheduled-enqueue-time`. */
  scheduledAt: number | undefined;
  /** The encoded message id, type and all; undefined when the message has none. */
  messageId: string | undefined;
  /** The sender's annotations: keys and values in turn, encoded. */
  annotations: Buffer;
  annotationCount: number;
  /** Properties, application properties, body and footer, as they came. */
  bare: Buffer;
}

/** What the broker adds when it hands a message out. Times are UTC, ms. */
export interface Stamp {
  sequenceNumber: number;
  enqueuedAt: number;
  deliveryCount: number;
  state: 'active' | 'deferred' | 'scheduled';
  lockedUntil?: number | undefined;
  ttlMs?: number | undefined;
  deadLetterSource?: string | undefined;
}

const sectionNames: Record<string, number> = {
  'amqp:header:list': 0x70,
  'amqp:delivery-annotations:map': 0x71,
  'amqp:message-annotations:map': 0x72,
  'amqp:properties:list': 0x73,
  'amqp:application-properties:map': 0x74,
  'amqp:data:binary': 0x75,
  'amqp:amqp-sequence:list': 0x76,
  'amqp:amqp-value:*': 0x77,
  'amqp:value:*': 0x77,
  'amqp:footer:map': 0x78,
};

/** The broker's own annotations: a sender that passes a received message on must not set them. */
const ownAnnotations = new Set([
  'x-opt-sequence-number',
  'x-opt-enqueue-sequence-number',
  'x-opt-enqueued-time',
  'x-opt-locked-until',
  'x-opt-message-state',
  'x-opt-deadletter-source',
]);

export interface Section {
  code: number;
  start: number;
  /** Where the section's value starts, behind its descriptor. */
  value: number;
  end: number;
}

/** The sections of an encoded message in their order. @throws MalformedError */
export function sectionsOf(message: Buffer): Section[] {
  const sections: Section[] = [];
  for (let start = 0; start < message.length; ) {
    if (message[start] !== 0) throw new MalformedError('a message section has no descriptor');
    const value = endOf(message, start + 1, message.length);
    const descriptor = message.subarray(start + 1, value);
    const code = numberOf(descriptor) ?? sectionNames[textOf(descriptor) ?? ''];
    if (code === undefined || code < 0x70 || code > 0x78)
      throw new MalformedError('a message section is of no known kind');
    const end = endOf(message, value, message.length);
    if (code < (sections.at(-1)?.code ?? 0)) throw new MalformedError('message sections are out of order');
    sections.push({ code, start, value, end });
    start = end;
  }
  return sections;
}

const lists = [0x45, 0xc0, 0xd0];
const maps = [0xc1, 0xd1];
const binaries = [0xa0, 0xb0];
/** The type codes that the value of a section may have; any for 0x77. */
const sectionTypes: Record<number, number[]> = {
  [0x70]: lists,
  [0x71]: maps,
  [0x72]: maps,
  [0x73]: lists,
  [0x74]: maps,
  [0x75]: binaries,
  [0x76]: lists,
  [0x78]: maps,
};

/** Receivers trust what they are given: a section that a decoder would fail on must not come in. @throws MalformedError */
function checkSection(message: Buffer, { code, value, end }: Section): void {
  const type = message[value] ?? 0;
  if (sectionTypes[code]?.includes(type) === false) {
    throw new MalformedError(`a section 0x${code.toString(16)} cannot be of the type 0x${type.toString(16)}`);
  }
  if (code !== 0x75) checkValue(message, value, end);
}

/** Decodes what the broker has to know of a message and keeps the rest as bytes. @throws MalformedError */
export function parseMessage(message: Buffer): Content {
  const content: Content = {
    durable: false,
    priority: 4,
    ttlMs: undefined,
    scheduledAt: undefined,
    messageId: undefined,
    annotations: Buffer.alloc(0),
    annotationCount: 0,
    bare: Buffer.alloc(0),
  };
  for (const section of sectionsOf(message)) {
    checkSection(message, section);
    if (section.code === 0x70) readHeader(content, itemsOf(message, section.value, section.end));
    if (section.code === 0x72) readAnnotations(content, itemsOf(message, section.value, section.end));
    if (section.code === 0x73) {
      const id = itemsOf(message, section.value, section.end)[0];
      if (id !== undefined && id[0] !== 0x40) content.messageId = id.toString('latin1');
    }
    if (section.code >= 0x73 && content.bare.length === 0) content.bare = Buffer.from(message.subarray(section.start));
  }
  return content;
}

function readHeader(content: Content, fields: Buffer[]): void {
  const [durable, priority, ttl] = fields;
  content.durable = durable?.[0] === 0x41 || (durable?.[0] === 0x56 && durable[1] === 1);
  if (priority) content.priority = numberOf(priority) ?? 4;
  if (ttl) content.ttlMs = numberOf(ttl) || undefined;
}

function readAnnotations(content: Content, entries: Buffer[]): void {
  const kept: Buffer[] = [];
  for (let i = 0; i + 1 < entries.length; i += 2) {
    const [key, value] = [entries[i] as Buffer, entries[i + 1] as Buffer];
    const name = textOf(key) ?? '';
    if (ownAnnotations.has(name)) continue;
    if (name === 'x-opt-scheduled-enqueue-time') content.scheduledAt = numberOf(value);
    kept.push(key, value);
  }
  content.annotations = Buffer.concat(kept);
  content.annotationCount = kept.length;
}

/** The encoded messages inside a batch (message format 0x80013700): each data section carries one. The envelope is not theirs. */
export function batchedMessages(batch: Buffer): Buffer[] {
  return sectionsOf(batch)
    .filter((section) => section.code === 0x75)
    .map(({ value, end }) => {
      const code = batch[value];
      if (code !== 0xa0 && code !== 0xb0) throw new MalformedError('a data section of a batch is not binary');
      return batch.subarray(value + (code === 0xa0 ? 2 : 5), end);
    });
}

/** An application property: its name and its value, encoded. */
export type Property = readonly [name: string, value: Buffer];

/** The content with these application properties added or replaced; every other byte stays. */
export function withProperties(content: Content, properties: readonly Property[]): Content {
  if (properties.length === 0) return content;
  const sections = sectionsOf(content.bare);
  const old = sections.find((section) => section.code === 0x74);
  const replaced = new Set(properties.map(([name]) => name));
  const entries: Buffer[] = [];
  const oldEntries = old ? itemsOf(content.bare, old.value, old.end) : [];
  for (let i = 0; i + 1 < oldEntries.length; i += 2) {
    const [key, value] = [oldEntries[i] as Buffer, oldEntries[i + 1] as Buffer];
    if (!replaced.has(textOf(key) ?? '')) entries.push(key, value);
  }
  for (const [name, value] of properties) entries.push(encodeString(name), value);
  const at = old?.start ?? sections.find((section) => section.code === 0x73)?.end ?? 0;
  const section = Buffer.concat([Buffer.from([0x00, 0x53, 0x74]), compound(0xd1, entries)]);
  return {
    ...content,
    bare: Buffer.concat([content.bare.subarray(0, at), section, content.bare.subarray(old?.end ?? at)]),
  };
}

/** The content with its properties and application properties only. */
export function withoutBody(content: Content): Content {
  const body = sectionsOf(content.bare).find(({ code }) => code >= 0x75);
  return body ? { ...content, bare: content.bare.subarray(0, body.start) } : content;
}

/** The raw bytes of a field of the properties section (0 message id, 4 reply-to, 5 correlation id); undefined when absent. */
export function propertyField(message: Buffer, index: number): Buffer | undefined {
  const section = sectionsOf(message).find(({ code }) => code === 0x73);
  const field = section && itemsOf(message, section.value, section.end)[index];
  return field && field[0] !== 0x40 ? field : undefined;
}

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
const maxUint = 0xffff_ffff;

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
    out.writeUInt32BE(Math.min(stamp.ttlMs, maxUint), at + 1);
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
