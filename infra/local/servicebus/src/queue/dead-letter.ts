import { encodeString } from '../amqp/amqp-encode.ts';
import { type Property, withProperties } from '../messages/content.ts';
import type { DeadLettering } from '../messages/outcome.ts';
import type { Entry } from './entry.ts';

/** The message as it goes to the dead letters of the queue `source`: it keeps its number and count, and lives without end. */
export function deadLetterOf(entry: Entry, source: string, { reason, description, properties }: DeadLettering): Entry {
  const all: Property[] = [...properties];
  if (reason !== undefined) all.push(['DeadLetterReason', encodeString(reason)]);
  if (description !== undefined) all.push(['DeadLetterErrorDescription', encodeString(description)]);
  const { lock: _, ...rest } = entry;
  return {
    ...rest,
    content: withProperties(entry.content, all),
    state: 'active',
    expiresAt: Infinity,
    deadLetterSource: source,
  };
}

export const expired: DeadLettering = {
  kind: 'dead-letter',
  reason: 'TTLExpiredException',
  description: 'The message expired and was dead lettered.',
  properties: [],
};

export const deliveredTooOften = (times: number): DeadLettering => ({
  kind: 'dead-letter',
  reason: 'MaxDeliveryCountExceeded',
  description: `Message could not be consumed after ${times} delivery attempts.`,
  properties: [],
});
