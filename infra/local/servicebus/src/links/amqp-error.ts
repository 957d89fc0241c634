import type { AmqpError } from '../amqp/rhea-internals.ts';
import type { Settled } from '../messages/outcome.ts';

/** The error that answers a settlement; undefined when it took effect. Never one that clients would try again. */
export function settlementError(settled: Settled): AmqpError | undefined {
  switch (settled) {
    case 'settled':
      return undefined;
    case 'lock-lost':
      return {
        condition: 'com.microsoft:message-lock-lost',
        description:
          'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
      };
    case 'not-allowed':
      return {
        condition: 'amqp:not-allowed',
        description: 'A message of a dead-letter queue cannot be dead-lettered again: complete it or abandon it.',
      };
  }
}

/** The sentence by which the JavaScript client tells an unknown entity from other things not found. */
export const notFound = (address: string | undefined): AmqpError => ({
  condition: 'amqp:not-found',
  description: `The messaging entity '${address ?? ''}' could not be found.`,
});
