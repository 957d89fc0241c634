import type { Socket } from 'node:net';
import { closeFrame } from '../amqp/frames.ts';
import { GuardedSocket } from '../amqp/guard.ts';
import type { AmqpError, Connection, Link, Session, Terminus } from '../amqp/rhea-internals.ts';
import { answerManagement, managementKeys } from '../management/answer.ts';
import type { ServedQueue } from '../queue/served-queue.ts';
import { type Address, readAddress } from './addresses.ts';
import { notFound } from './amqp-error.ts';
import { answerToken, cbsKeys, unauthorized } from './cbs.ts';
import { contain } from './contain.ts';
import { createConnection } from './create-connection.ts';
import { serveReceiver } from './receiving.ts';
import { type Reply, type Request, RequestNode } from './request-node.ts';
import { serveSender } from './sending.ts';
import { adaptSession } from './session.ts';

/** What the connections of one broker share. */
export interface BrokerState {
  /** By name in lower case. */
  queues: Map<string, ServedQueue>;
  maxMessageBytes: number;
  /** Clients are asked to send an empty frame in half of this, ms. */
  idleTimeoutMs: number;
  connections: Set<ClientConnection>;
  /** Tokens yet to be refused, or left without an answer. */
  tokenFaults: { unauthorized: number; silence: number };
  /** Called before bytes leave. @throws when what they promise cannot be written down */
  beforeWrite(): void;
}

interface OpenLink {
  link: Link;
  served: ServedQueue | undefined;
  /** Undoes what the link set up. */
  end: () => void;
}

/** One client: its connection with its sessions and links. Whatever goes wrong here ends this connection only. */
export class ClientConnection {
  readonly #state: BrokerState;
  readonly #socket: GuardedSocket;
  readonly #connection: Connection;
  readonly #links = new Map<Link, OpenLink>();
  #cbs: RequestNode | undefined;
  readonly #nodes = new Map<ServedQueue, RequestNode>();

  constructor(socket: Socket, state: BrokerState) {
    this.#state = state;
    this.#socket = new GuardedSocket(socket, {
      beforeWrite: () => state.beforeWrite(),
      onViolation: ({ message, condition = 'amqp:internal-error' }) =>
        this.#connection.close({ condition, description: message }),
      onDrain: () => this.#connection._register(),
      onClose: () => this.#ended(),
    });
    this.#connection = createConnection(state.idleTimeoutMs);
    contain(this.#connection, (error) => this.#fail(error));
    this.#listen();
    this.#connection.accept(this.#socket);
  }

  /** Ends the TCP connection without a word. */
  cut(): void {
    this.#socket.destroy();
  }

  close(): void {
    this.#connection.close({
      condition: 'amqp:connection:forced',
      description: 'The connection was closed on demand.',
    });
  }

  /** Detaches the links of a queue. */
  detach(served: ServedQueue, error: AmqpError): void {
    for (const open of [...this.#links.values()]) {
      if (open.served !== served) continue;
      this.#remove(open.link);
      open.link.close(error);
    }
  }

  /** rhea cannot go on with this connection: tells the client, gives back what its links hold, and ends it. */
  #fail({ message }: Error): void {
    this.#socket.write(closeFrame({ condition: 'amqp:internal-error', description: message }));
    this.#socket.end();
    this.#removeAll();
  }

  #listen(): void {
    const connection = this.#connection;
    connection.on('connection_open', () => boundHeartbeat(connection));
    connection.on('session_open', ({ session }: { session: Session }) => adaptSession(session, this.#socket));
    connection.on('session_close', ({ session }: { session: Session }) => {
      for (const link of [...this.#links.keys()]) if (link.session === session) this.#remove(link);
    });
    connection.on('sender_open', ({ sender }: { sender: Link }) => this.#openReceiver(sender));
    connection.on('receiver_open', ({ receiver }: { receiver: Link }) => this.#openSender(receiver));
    connection.on('sender_close', ({ sender }: { sender: Link }) => this.#remove(sender));
    connection.on('receiver_close', ({ receiver }: { receiver: Link }) => this.#remove(receiver));
    // rhea throws, or writes to the console, when nobody listens. The connection ends by itself in each of these cases.
    for (const event of [
      'connection_close',
      'connection_error',
      'session_error',
      'sender_error',
      'receiver_error',
      'disconnected',
    ]) {
      connection.on(event, () => undefined);
    }
    // What came breaks the protocol. rhea ends the connection after this; the client gets the reason.
    for (const event of ['protocol_error', 'error']) {
      connection.on(event, ({ message, condition = 'amqp:framing-error' }: Error & { condition?: string }) =>
        connection.close({ condition, description: message }),
      );
    }
  }

  /** A client wants to receive: messages, or answers to its requests. */
  #openReceiver(link: Link): void {
    echo(link);
    const source = named(link.remote.attach.source);
    const address = readAddress(source?.address);
    const node = this.#nodeOf(address);
    const served = this.#queueOf(address);
    if (node) this.#add(link, undefined, node.addReplies(link));
    else if (!served) refuse(link, notFound(source?.address));
    else if (SESSION_FILTER in (source?.filter ?? {})) refuse(link, noSessions);
    else
      this.#add(
        link,
        served,
        serveReceiver(link, served, () => this.cut()),
      );
  }

  /** A client wants to send: messages, or requests. */
  #openSender(link: Link): void {
    echo(link);
    const target = named(link.remote.attach.target);
    const address = readAddress(target?.address);
    const node = this.#nodeOf(address);
    const served = this.#queueOf(address);
    const limit = this.#state.maxMessageBytes;
    if (node) node.addRequests(link, limit);
    else if (!target) refuse(link, noTarget);
    else if (!served) refuse(link, notFound(target.address));
    else if (!served.deadLetters) refuse(link, noSending);
    else {
      serveSender(link, served, limit, () => this.cut());
      this.#add(link, served, () => undefined);
    }
  }

  #add(link: Link, served: ServedQueue | undefined, end: () => void): void {
    this.#links.set(link, { link, served, end });
  }

  #remove(link: Link): void {
    const open = this.#links.get(link);
    this.#links.delete(link);
    open?.end();
  }

  #queueOf(address: Address | undefined): ServedQueue | undefined {
    if (!address || address.kind === 'cbs') return undefined;
    const served = this.#state.queues.get(address.queue);
    return address.deadLetters ? served?.deadLetters : served;
  }

  /** The request node of an address, one of each for a connection; undefined for any other address. */
  #nodeOf(address: Address | undefined): RequestNode | undefined {
    const served = this.#queueOf(address);
    if (address?.kind === 'cbs') {
      this.#cbs ??= new RequestNode(cbsKeys, (request) => this.#answerToken(request));
      return this.#cbs;
    }
    if (address?.kind !== 'management' || !served) return undefined;
    const node =
      this.#nodes.get(served) ??
      new RequestNode(managementKeys, (request) => answerManagement(served, request, this.#state.maxMessageBytes));
    this.#nodes.set(served, node);
    return node;
  }

  #answerToken(request: Request): Reply | undefined {
    const { tokenFaults } = this.#state;
    if (tokenFaults.silence > 0) {
      tokenFaults.silence--;
      return undefined;
    }
    if (tokenFaults.unauthorized > 0) {
      tokenFaults.unauthorized--;
      return unauthorized('The token was refused on demand.');
    }
    // Clients sign by their own wall clock, not by the clock that a test sets.
    return answerToken(request, Date.now());
  }

  #ended(): void {
    this.#removeAll();
    this.#state.connections.delete(this);
  }

  #removeAll(): void {
    for (const link of [...this.#links.keys()]) this.#remove(link);
  }
}

/** A timer that is asked for more goes off at once, and again and again. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

function boundHeartbeat({ remote: { open } }: Connection): void {
  if ((open.idle_time_out ?? 0) > LONGEST_TIMER_MS) open.idle_time_out = LONGEST_TIMER_MS;
}

/** The filter by which a client asks for the messages of one session, or, with null as its value, of any. */
const SESSION_FILTER = 'com.microsoft:session-filter';

const noSessions: AmqpError = {
  condition: 'amqp:not-allowed',
  description: 'A sessionful message receiver cannot be created on an entity that does not require sessions.',
};
const noSending: AmqpError = { condition: 'amqp:not-allowed', description: 'Nobody can send to a dead-letter queue.' };
const noTarget: AmqpError = {
  condition: 'amqp:not-implemented',
  description: "Only a queue can be sent to: transactions, and senders without a queue's address, are not served here.",
};

/** A source or target; undefined where there is none, for which rhea has a null of its own. */
const named = (terminus: Terminus | null): Terminus | undefined =>
  terminus && 'described' in terminus ? terminus : undefined;

/** The broker's attach repeats addresses, filters and settle modes as they came. */
function echo(link: Link): void {
  const { source, target, snd_settle_mode, rcv_settle_mode } = link.remote.attach;
  const { attach } = link.local;
  attach.source = named(source)?.described() ?? null;
  attach.target = named(target)?.described() ?? null;
  if (typeof snd_settle_mode === 'number') attach.snd_settle_mode = snd_settle_mode;
  if (typeof rcv_settle_mode === 'number') attach.rcv_settle_mode = rcv_settle_mode;
}

/**
 * Attaches without the end that was asked for, which says that the reason follows (AMQP 1.0, 2.6.3), and detaches with it.
 * By an attach with that end the .NET client takes the link for open, and fails for want of a message size.
 */
function refuse(link: Link, error: AmqpError): void {
  link.local.attach[link.is_receiver() ? 'target' : 'source'] = null;
  link.close(error);
}
