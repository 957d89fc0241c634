import type { Received } from '../events/queued-event.ts';

/**
 * The messages of a batch function with their metadata. The library parses every text as JSON, ids as well, and an array
 * need not have one entry a message: then its members can't be told apart, and every message counts as delivered before,
 * so that its event is looked up.
 */
export function receivedBatch(messages: unknown, metadata: Record<string, unknown> = {}): Received[] {
  const bodies = Array.isArray(messages) ? (messages as unknown[]) : [messages];
  const column = (name: string): unknown[] | undefined => {
    const values = metadata[name];
    return Array.isArray(values) && values.length === bodies.length ? values : undefined;
  };
  const ids = column('messageIdArray');
  const counts = column('deliveryCountArray');
  const properties = column('applicationPropertiesArray');
  return bodies.map((body, place) => ({
    body,
    messageId: String(ids?.[place] ?? ''),
    // The host counts the first delivery as 1.
    redelivered: !counts || !properties || Number(counts[place]) > 1,
    properties: (properties?.[place] ?? {}) as Record<string, unknown>,
  }));
}
