import type { Typed } from 'rhea';
import { dispositionFrame, encodeState, transferHead } from '../amqp/frames.ts';
import type { GuardedSocket } from '../amqp/guard.ts';
import type { AmqpError, Disposition, FlowFields, Link, Session, SessionOutgoing } from '../amqp/rhea-internals.ts';

/** One message on its way to a client. */
export interface OutgoingDelivery {
  link: Link;
  tag: Buffer;
  payload: Buffer;
  /** Sent settled: the client will not answer. */
  settled: boolean;
  /** Its last byte was handed to the connection. */
  written?: () => void;
  /** The link or the connection went before anything was written. */
  dropped?: () => void;
  /** The client said what became of it (undefined: it settled without saying). The answer: an error, or undefined for accepted. */
  outcome?: (state: Typed | undefined) => AmqpError | undefined;
}

/** A transfer frame without its payload takes less than this. */
const FRAME_OVERHEAD = 96;
const UNLIMITED = 0xffff_ffff;

/**
 * The outgoing half of a session in place of rhea's, which keeps every delivery in a ring of 2,048 that frees only from its
 * head, lets a link without credit hold up the others, and writes transfers before the attach of their link.
 * Here deliveries are found by their number, credit is taken when a delivery is handed over, and a two-phase settlement is
 * answered with one disposition for a run of equal answers.
 */
export class Outgoing implements SessionOutgoing {
  next_transfer_id = 0;
  window = UNLIMITED;
  readonly deliveries = { available: () => 1 };
  readonly #session: Session;
  readonly #socket: GuardedSocket;
  #nextDeliveryId = 0;
  #waiting: OutgoingDelivery[] = [];
  /** How far into the first waiting delivery we are, when the peer's window closed in its midst. */
  #written = 0;
  readonly #unsettled = new Map<number, OutgoingDelivery>();
  #answers: { id: number; state: Buffer }[] = [];
  #remoteNextTransferId = 0;
  #remoteWindow: number;

  constructor(session: Session, socket: GuardedSocket) {
    this.#session = session;
    this.#socket = socket;
    this.#remoteWindow = session.remote.begin.incoming_window;
  }

  available(): number {
    return this.deliveries.available();
  }

  /** Takes one credit of the link and hands the delivery to the connection in the same turn. */
  send(delivery: OutgoingDelivery): void {
    delivery.link.credit--;
    delivery.link.delivery_count++;
    this.#waiting.push(delivery);
    this.#session.connection._register();
  }

  /** The link is gone: what was not written returns to where it came from; late answers for the rest find nothing. */
  drop(link: Link): void {
    const begun = this.#written > 0 ? this.#waiting[0] : undefined;
    const gone = this.#waiting.filter((delivery) => delivery.link === link && delivery !== begun);
    this.#waiting = this.#waiting.filter((delivery) => !gone.includes(delivery));
    for (const delivery of gone) delivery.dropped?.();
  }

  on_begin(fields: { incoming_window: number }): void {
    this.#remoteWindow = fields.incoming_window;
  }

  on_flow(fields: FlowFields): void {
    this.#remoteNextTransferId = fields.next_incoming_id ?? 0;
    this.#remoteWindow = fields.incoming_window;
  }

  on_disposition(fields: Disposition): void {
    const { first } = fields;
    const settled = fields.settled ?? false;
    // A state that is null in the midst of the fields comes as a value without a descriptor.
    const state = fields.state?.descriptor ? fields.state : undefined;
    // Left out, as the .NET client does: only the first.
    const range = ((fields.last ?? first) - first) >>> 0;
    if (range < this.#unsettled.size) {
      for (let i = 0; i <= range; i++) this.#settle((first + i) >>> 0, settled, state);
    } else {
      for (const id of [...this.#unsettled.keys()]) if ((id - first) >>> 0 <= range) this.#settle(id, settled, state);
    }
  }

  process(): void {
    while (this.#waiting.length > 0 && !this.#socket.congested) {
      const count = this.#writeWaiting();
      if (count === 0) break;
      this.#waiting.splice(0, count);
    }
    this.#writeAnswers();
  }

  /** Writes what may go, at most one slice of the waiting line; how many deliveries went whole. */
  #writeWaiting(): number {
    let count = 0;
    for (const delivery of this.#waiting) {
      if (this.#socket.congested) break;
      // The attach of a new link is written after this; its turn comes in the next one.
      if (delivery.link.state.open_requests > 0) {
        this.#session.connection._register();
        break;
      }
      if (!this.#write(delivery)) break;
      count++;
    }
    return count;
  }

  /** Writes one delivery in as many frames as the peer wants; false when its window closed before the end. */
  #write(delivery: OutgoingDelivery): boolean {
    const { connection, local } = this.#session;
    const room = (connection.max_frame_size || UNLIMITED) - FRAME_OVERHEAD;
    const deliveryId = this.#nextDeliveryId;
    do {
      if (this.#transferWindow() <= 0) return false;
      const piece = delivery.payload.subarray(this.#written, this.#written + room);
      const more = this.#written + piece.length < delivery.payload.length;
      const { tag, settled, link } = delivery;
      const head = transferHead(
        local.channel,
        { handle: link.local.handle, deliveryId, tag, settled, more },
        piece.length,
      );
      connection.socket.write(head);
      if (piece.length > 0) connection.socket.write(piece);
      this.next_transfer_id = (this.next_transfer_id + 1) >>> 0;
      this.#written += piece.length;
    } while (this.#written < delivery.payload.length);
    this.#written = 0;
    this.#nextDeliveryId = (deliveryId + 1) >>> 0;
    if (!delivery.settled) this.#unsettled.set(deliveryId, delivery);
    delivery.written?.();
    return true;
  }

  #transferWindow(): number {
    return this.#remoteWindow - ((this.next_transfer_id - this.#remoteNextTransferId) >>> 0);
  }

  #settle(id: number, settled: boolean, state: Typed | undefined): void {
    const delivery = this.#unsettled.get(id);
    // "received" (0x23) only reports how far the client has read.
    if (!delivery || (!settled && state === undefined) || Number(state?.descriptor?.value) === 0x23) return;
    this.#unsettled.delete(id);
    const error = delivery.outcome?.(state);
    if (!settled) this.#answers.push({ id, state: encodeState(error) });
  }

  #writeAnswers(): void {
    const answers = this.#answers;
    this.#answers = [];
    for (let at = 0; at < answers.length; ) {
      const { id, state } = answers[at] as { id: number; state: Buffer };
      let run = 1;
      while (answers[at + run]?.id === id + run && answers[at + run]?.state === state) run++;
      this.#session.connection.socket.write(dispositionFrame(this.#session.local.channel, id, id + run - 1, state));
      at += run;
    }
  }
}
