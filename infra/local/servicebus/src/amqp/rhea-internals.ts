import type { EventEmitter } from 'node:events';
import rhea, { type Typed } from 'rhea';

/**
 * The inside of rhea 3.0.5 as far as the broker holds on to it. rhea's own typings leave these out; the version is pinned,
 * and the contract tests fail when it changes.
 */
export interface AmqpError {
  condition: string;
  description: string;
}

/** A composite value whose fields are still encoded in AMQP types. */
export interface Composite {
  value: (Typed | undefined)[];
  described(): Typed;
}

export interface Terminus extends Composite {
  address: string | undefined;
  filter?: object | null;
  /** As long as rhea has not unwrapped it. */
  descriptor?: { value: unknown };
}

export interface Attach {
  name: string;
  role: boolean;
  handle: number;
  source: Terminus | null;
  target: Terminus | null;
  snd_settle_mode: number | undefined;
  rcv_settle_mode: number | undefined;
  max_message_size: number | Buffer | undefined;
}

interface LocalAttach extends Omit<Attach, 'source' | 'target'> {
  source: Typed | null;
  target: Typed | null;
}

export interface Link extends EventEmitter {
  name: string;
  session: Session;
  connection: Connection;
  credit: number;
  delivery_count: number;
  local: { attach: LocalAttach; handle: number };
  remote: { attach: Attach };
  state: { local_open: boolean; remote_open: boolean; open_requests: number };
  _incomplete: IncomingDelivery | undefined;
  is_open(): boolean;
  is_receiver(): boolean;
  add_credit(credit: number): void;
  on_flow(frame: { performative: FlowFields }): void;
  issue_flow: boolean;
  /** Asked when a flow is written: whether it says that the link's credit is used up. */
  _get_drain(): boolean;
  close(error?: AmqpError): void;
}

export interface IncomingDelivery {
  id: number;
  format: number | undefined;
  settled: boolean;
  remote_settled: boolean;
  frames: Buffer[];
  update(settled: boolean, state: Typed): void;
}

export interface Transfer {
  handle: number;
  delivery_id: number | null | undefined;
  delivery_tag: Buffer | null | undefined;
  message_format: number | undefined;
  more: boolean | undefined;
  aborted: boolean | undefined;
}

export interface TransferFrame {
  performative: Transfer;
  payload: Buffer | undefined;
}

export interface AttachFrame {
  performative: Attach;
}

/** Of a field in the midst that was left out rhea makes null, of one at the end undefined. */
export interface Disposition {
  /** True: it comes from a receiver. */
  role: boolean;
  first: number;
  last: number | null | undefined;
  settled: boolean | null | undefined;
  state: Typed | undefined;
}

export interface FlowFields {
  handle: number | null | undefined;
  delivery_count: number | null | undefined;
  link_credit: number | null | undefined;
  next_incoming_id: number | undefined;
  incoming_window: number;
}

/** The outgoing half of a session, as its session calls it. */
export interface SessionOutgoing {
  next_transfer_id: number;
  window: number;
  deliveries: { available(): number };
  available(): number;
  on_begin(fields: { incoming_window: number }): void;
  on_flow(fields: FlowFields): void;
  on_disposition(fields: Disposition): void;
  process(): void;
}

export interface Session {
  connection: Connection;
  state: { remote_open: boolean };
  outgoing: SessionOutgoing;
  incoming: { next_transfer_id: number };
  local: { channel: number; begin: { remote_channel: number; handle_max: number } };
  remote: { handles: Record<number, Link | undefined>; begin: { incoming_window: number } };
  links: Record<string, Link | undefined>;
  on_transfer(frame: TransferFrame): void;
  on_attach(frame: AttachFrame): void;
  on_disposition(frame: { performative: Disposition }): void;
  remove_link(link: Link): void;
}

export interface Connection extends EventEmitter {
  socket: { write(bytes: Buffer): void };
  max_frame_size: number | undefined;
  /** `idle_time_out` in ms. */
  remote: { open: { idle_time_out: number | null | undefined } };
  remote_channel_map: Record<number, Session | undefined>;
  close(error?: AmqpError): void;
  is_open(): boolean;
  accept(socket: EventEmitter): void;
  _register(): void;
  _process(): void;
  _write_frame(): void;
  idle(): void;
  abort_socket(socket: unknown): void;
  eof(error?: Error): void;
}

interface Described {
  described(): Typed;
}

/** Parts of rhea that exist, though its typings do not name them. */
const untyped = rhea as unknown as {
  types: {
    Reader: new (bytes: Buffer) => { read(): Typed };
    Writer: new () => { write(value: Typed): void; toBuffer(): Buffer };
  };
  message: {
    accepted(): Described;
    rejected(fields: { error: AmqpError }): Described;
    is_accepted(state: Typed | undefined): boolean;
    is_rejected(state: Typed | undefined): boolean;
    is_released(state: Typed | undefined): boolean;
    is_modified(state: Typed | undefined): boolean;
  };
  create_container(): {
    id: string;
    sasl_server_mechanisms: Record<string, () => { outcome: boolean; start(): void }>;
    create_connection(options: object): Connection;
  };
};

export const { Reader, Writer } = untyped.types;
export const outcomes = untyped.message;
export const createContainer = (): ReturnType<typeof untyped.create_container> => rhea.create_container() as never;
