/** What an AMQP address names. Queue names are in lower case: Service Bus compares without case. */
export type Address = { kind: 'cbs' } | { kind: 'queue' | 'management'; queue: string; deadLetters: boolean };

/**
 * Reads `q`, `/q` and `amqps://host/q`, each with `/$DeadLetterQueue` and `/$management` behind it.
 * Undefined for an address that names nothing.
 */
export function readAddress(address: string | undefined): Address | undefined {
  const path = (address ?? '')
    .replace(/^[a-z]+:\/\/[^/]*/i, '')
    .replace(/^\//, '')
    .toLowerCase();
  if (path === '$cbs') return { kind: 'cbs' };
  const match = /^(.+?)(\/\$deadletterqueue)?(\/\$management)?$/.exec(path);
  if (!match?.[1]) return undefined;
  return { kind: match[3] ? 'management' : 'queue', queue: match[1], deadLetters: match[2] !== undefined };
}
