import { endOf, itemsOf, MalformedError, numberOf, textOf } from './amqp-bytes.ts';

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

/** The raw bytes of a field of the properties section (0 message id, 4 reply-to, 5 correlation id); undefined when absent. */
export function propertyField(message: Buffer, index: number): Buffer | undefined {
  const section = sectionsOf(message).find(({ code }) => code === 0x73);
  const field = section && itemsOf(message, section.value, section.end)[index];
  return field && field[0] !== 0x40 ? field : undefined;
}
