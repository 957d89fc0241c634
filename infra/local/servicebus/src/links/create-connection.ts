import { MAX_FRAME_SIZE } from '../amqp/guard.ts';
import { type Connection, createContainer } from '../amqp/rhea-internals.ts';
import { CHANNEL_MAX } from './session.ts';

/** Deliveries that a client may have sent without an answer yet. */
const INCOMING_WINDOW = 5_000;

/** Takes the credentials of every mechanism: as in the official emulator, nothing is secret here. */
const acceptAll = () => ({ outcome: true, start: () => undefined });

/** A connection of rhea as a broker wants it: nothing is answered, granted or settled but by us. */
export function createConnection(idleTimeoutMs: number): Connection {
  const container = createContainer();
  // The JavaScript client speaks ANONYMOUS only, the .NET one MSSBCBS only, general clients PLAIN.
  for (const name of ['MSSBCBS', 'ANONYMOUS', 'PLAIN', 'EXTERNAL']) container.sasl_server_mechanisms[name] = acceptAll;
  return container.create_connection({
    container_id: container.id,
    max_frame_size: MAX_FRAME_SIZE,
    channel_max: CHANNEL_MAX,
    idle_time_out: idleTimeoutMs,
    session_buffer_size: { incoming: INCOMING_WINDOW },
    receiver_options: { autoaccept: false, autosettle: false, credit_window: 0 },
    sender_options: { autosettle: false, treat_modified_as_released: false },
    reconnect: false,
  });
}
