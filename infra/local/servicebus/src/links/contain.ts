import type { Connection } from '../amqp/rhea-internals.ts';

/** The methods that rhea calls from timers, later turns and events of the socket, where nothing catches what they throw. */
const entries = ['_process', '_write_frame', 'idle', 'abort_socket', 'eof'] as const;

/**
 * Keeps what rhea throws within its connection: `onError` is called with the first error, and rhea does nothing more for the
 * connection, since its state is unknown from then on.
 */
export function contain(connection: Connection, onError: (error: Error) => void): void {
  let failed = false;
  for (const name of entries) {
    const method = connection[name].bind(connection) as (...args: unknown[]) => void;
    connection[name] = (...args: unknown[]): void => {
      // What ends the connection clears its timers: that goes on.
      if (failed && name !== 'eof') return;
      try {
        method(...args);
      } catch (error) {
        if (failed) return;
        failed = true;
        onError(error instanceof Error ? error : new Error(String(error)));
      }
    };
  }
}
