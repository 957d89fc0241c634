import type { BrokerState } from './links/client-connection.ts';
import type { ServedQueue } from './queue/served-queue.ts';

/** Faults on demand. A queue name is that of the configuration, with `/$deadletterqueue` for its dead letters. */
export interface Faults {
  /** The next sends to the queue are rejected as `com.microsoft:server-busy`. */
  serverBusy(queue: string, times: number): void;
  /** The next messages sent to the queue are stored twice, past duplicate detection: one id, two sequence numbers. */
  duplicateNext(queue: string, messages: number): void;
  /** The next transfers to the queue are stored; the connection is cut before the sender learns of it. */
  cutAfterSend(queue: string, times: number): void;
  /** The next settlements take effect; the connection is cut before the receiver learns of it. */
  cutAfterSettle(queue: string, times: number): void;
  /** Detaches every link of the queue; the condition is `amqp:link:detach-forced` unless another is given. */
  detachLinks(queue: string, condition?: string): void;
  /** Ends all locks of the queue at once; their messages come again, with a delivery more. */
  dropLocks(queue: string): void;
  /** Cuts every TCP connection without a word. */
  dropConnections(): void;
  /** Closes every connection with `amqp:connection:forced`. */
  closeConnections(): void;
  /** The next tokens are answered with 401 `amqp:unauthorized-access`, or not at all. */
  refuseTokens(times: number, how?: 'unauthorized' | 'silence'): void;
}

/** @param find the queue of a name; throws when there is none */
export function createFaults(state: BrokerState, find: (queue: string) => ServedQueue): Faults {
  return {
    serverBusy: (queue, times) => find(queue).faults.set('serverBusy', times),
    duplicateNext: (queue, messages) => find(queue).faults.set('duplicate', messages),
    cutAfterSend: (queue, times) => find(queue).faults.set('cutAfterSend', times),
    cutAfterSettle: (queue, times) => find(queue).faults.set('cutAfterSettle', times),
    detachLinks(queue, condition = 'amqp:link:detach-forced') {
      const served = find(queue);
      const error = { condition, description: 'The link was detached on demand.' };
      for (const connection of state.connections) connection.detach(served, error);
    },
    dropLocks: (queue) => find(queue).act((locked, now) => locked.dropLocks(now)),
    dropConnections() {
      for (const connection of [...state.connections]) connection.cut();
    },
    closeConnections() {
      for (const connection of [...state.connections]) connection.close();
    },
    refuseTokens(times, how = 'unauthorized') {
      state.tokenFaults[how] = times;
    },
  };
}
