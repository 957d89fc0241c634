import { MalformedError } from '../amqp/amqp-bytes.ts';
import { sectionsOf } from '../amqp/sections.ts';

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
