import { checkValue, itemsOf, MalformedError, numberOf, textOf } from '../amqp/amqp-bytes.ts';
import { compound, encodeString } from '../amqp/amqp-encode.ts';
import { type Section, sectionsOf } from '../amqp/sections.ts';

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

/** The broker's own annotations: a sender that passes a received message on must not set them. */
const ownAnnotations = new Set([
  'x-opt-sequence-number',
  'x-opt-enqueue-sequence-number',
  'x-opt-enqueued-time',
  'x-opt-locked-until',
  'x-opt-message-state',
  'x-opt-deadletter-source',
]);

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

/** The bytes of the first data section; undefined when the message has a body of another kind. */
export function bodyOf({ bare }: Content): Buffer | undefined {
  const data = sectionsOf(bare).find(({ code }) => code === 0x75);
  // A short binary has one byte for its length, a long one has four.
  return data && bare.subarray(data.value + (bare[data.value] === 0xa0 ? 2 : 5), data.end);
}
