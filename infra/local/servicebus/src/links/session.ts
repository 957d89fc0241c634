import type { GuardedSocket } from '../amqp/guard.ts';
import type { AttachFrame, IncomingDelivery, Link, Session, Transfer, TransferFrame } from '../amqp/rhea-internals.ts';
import { Outgoing } from './outgoing.ts';

/** What rhea gets for a message of format 0, so that it hands over bytes instead of a decoded message. */
const PLAIN_FORMAT = 1;

/** Ends the connection: what came breaks the protocol. */
class ProtocolViolation extends Error {
  readonly condition = 'amqp:illegal-state';
}

/** The highest channel number, and with it how many sessions a connection may have; likewise for the links of a session. */
export const CHANNEL_MAX = 4_999;
const HANDLE_MAX = 4_999;

/** Fits a new session of rhea to a broker: its own outgoing half, raw messages, bounded deliveries, link names by direction. */
export function adaptSession(session: Session, socket: GuardedSocket): void {
  const channel = session.local.begin.remote_channel;
  if (channel > CHANNEL_MAX) throw new ProtocolViolation(`the channel ${channel} is beyond ${CHANNEL_MAX}`);
  // A channel may be used again as soon as the end of its session was sent.
  if (session.connection.remote_channel_map[channel]?.state.remote_open) {
    throw new ProtocolViolation(`the channel ${channel} is in use`);
  }
  session.local.begin.handle_max = HANDLE_MAX;
  session.outgoing = new Outgoing(session, socket);
  const attach = session.on_attach.bind(session);
  session.on_attach = (frame) => onAttach(session, frame, attach);
  const transfer = session.on_transfer.bind(session);
  session.on_transfer = (frame) => onTransfer(session, frame, transfer);
  const disposition = session.on_disposition.bind(session);
  session.on_disposition = (frame) => {
    // What came in is settled by its first answer: a sender has nothing to add, least of all for each number of a range.
    if (frame.performative.role) disposition(frame);
  };
}

export const outgoingOf = (link: Link): Outgoing => link.session.outgoing as Outgoing;

/**
 * A link name counts for one direction, yet rhea keeps both directions under one key; and a name or handle may be used again
 * as soon as its detach went out. So the key carries the direction, and the name on the wire is put back.
 */
function onAttach(session: Session, frame: AttachFrame, attach: (frame: AttachFrame) => void): void {
  const { performative } = frame;
  const { name, handle, role } = performative;
  const key = `${role ? 'receiver' : 'sender'} ${name}`;
  if (handle > HANDLE_MAX) throw new ProtocolViolation(`the link handle ${handle} is beyond ${HANDLE_MAX}`);
  for (const old of [session.remote.handles[handle], session.links[key]]) if (old) finish(session, old);
  if (session.remote.handles[handle]) throw new ProtocolViolation(`the link handle ${handle} is in use`);
  performative.name = key;
  performative.source = knownTerminus(performative.source);
  performative.target = knownTerminus(performative.target);
  attach(frame);
  const link = session.links[key];
  if (!link) return;
  link.local.attach.name = name;
  // Of a sender's own flow there is nothing to learn, and rhea would take its word for the credit that it has from us.
  if (link.is_receiver()) link.on_flow = () => undefined;
  else countCredit(link);
}

/** A client that does not know our count leaves it out; rhea would make no number of it, nor of a missing credit. */
function countCredit(link: Link): void {
  const flow = link.on_flow.bind(link);
  link.on_flow = (frame) => {
    frame.performative.delivery_count ??= 0;
    frame.performative.link_credit ??= 0;
    flow(frame);
  };
}

/**
 * Forgets a link that the client has detached, without waiting for the turn in which rhea would; rhea alone never frees the
 * handle.
 */
function finish(session: Session, link: Link): void {
  if (link.state.remote_open) return;
  const { handle } = link.remote.attach;
  if (session.remote.handles[handle] === link) delete session.remote.handles[handle];
  if (session.links[link.name] !== link) return;
  link.close();
  session.connection._process();
  session.remove_link(link);
}

const termini: unknown[] = [0x28, 0x29, 'amqp:source:list', 'amqp:target:list'];

/** A source or target; null for anything else (the coordinator of transactions, say), which no queue's address can be in. */
function knownTerminus<T extends { descriptor?: { value: unknown } }>(terminus: T | null): T | null {
  return termini.includes(terminus?.descriptor?.value) ? terminus : null;
}

function onTransfer(session: Session, frame: TransferFrame, transfer: (frame: TransferFrame) => void): void {
  const { performative } = frame;
  const link = session.remote.handles[performative.handle];
  if (link && !link.is_receiver()) throw new ProtocolViolation('a transfer came on a link of the other direction');
  if (link && !link._incomplete && link.credit <= 0) throw new ProtocolViolation('a transfer came without credit');
  if (link && performative.aborted) {
    abort(session, link);
    return;
  }
  if (link && !link._incomplete && !isNumbered(performative))
    throw new ProtocolViolation('the first transfer of a delivery must have a delivery-id and a delivery-tag');
  if (performative.message_format === 0) performative.message_format = PLAIN_FORMAT;
  if (link?._incomplete) frame.payload = withinLimit(link, link._incomplete, frame.payload);
  else frame.payload ??= Buffer.alloc(0);
  transfer(frame);
  // rhea looks after the session's window only when it has something else to write.
  session.connection._register();
}

/** Whether a delivery can be told from others. Only the transfers that continue it may leave that out (AMQP 1.0, 2.7.5). */
const isNumbered = ({ delivery_id, delivery_tag }: Transfer): boolean =>
  typeof delivery_id === 'number' && Buffer.isBuffer(delivery_tag);

/** Bytes that came so far of the deliveries that are not whole yet. */
const receivedBytes = new WeakMap<IncomingDelivery, number>();

/** Bytes beyond the limit of the link are not kept; one more than the limit is enough to refuse the message at its end. */
function withinLimit(link: Link, delivery: IncomingDelivery, payload: Buffer | undefined): Buffer | undefined {
  const limit = Number(link.local.attach.max_message_size ?? 0);
  const had = receivedBytes.get(delivery) ?? delivery.frames[0]?.length ?? 0;
  if (limit > 0 && had > limit) return undefined;
  receivedBytes.set(delivery, had + (payload?.length ?? 0));
  return payload;
}

/** The sender gave a delivery up in its midst: nothing of it counts. */
function abort(session: Session, link: Link): void {
  if (!link._incomplete) throw new ProtocolViolation('a transfer was aborted that had not begun');
  link._incomplete.settled = true;
  link._incomplete = undefined;
  session.incoming.next_transfer_id++;
  link.credit--;
  link.delivery_count++;
  session.connection._register();
}
