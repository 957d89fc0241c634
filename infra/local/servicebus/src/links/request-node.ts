import rhea, { type Typed } from 'rhea';
import { MalformedError } from '../amqp/amqp-bytes.ts';
import { type IncomingDelivery, type Link, outcomes, type Session } from '../amqp/rhea-internals.ts';
import { propertyField } from '../amqp/sections.ts';
import { entriesOf, plain, readTyped, sectionValue } from '../amqp/typed.ts';
import { outgoingOf } from './session.ts';

/** A request to `$cbs` or `$management`: its operation, its other properties and its body, which still know their types. */
export interface Request {
  operation: string;
  properties: Map<string, Typed>;
  body: Typed | undefined;
}

export interface Reply {
  /** As HTTP has it. */
  status: number;
  description: string;
  /** AMQP condition; the clients guess one from the number, often wrongly, when an error has none. */
  condition?: string;
  body?: Typed;
}

/** `$cbs` and `$management` spell the keys of an answer differently. */
export interface ReplyKeys {
  status: string;
  description: string;
  condition: string;
}

const CREDIT_WINDOW = 200;
const accepted = outcomes.accepted().described();

interface ReplyLink {
  link: Link;
  address: string | undefined;
  waiting: Buffer[];
}

/**
 * A request-response node of one connection. An answer goes to the receiving link of the same session whose target address
 * or name is the request's reply-to; without such a link to the session's only one.
 */
export class RequestNode {
  readonly #keys: ReplyKeys;
  readonly #handle: (request: Request) => Reply | undefined;
  #replyLinks: ReplyLink[] = [];
  #tag = 0;

  /** @param handle answers a request; undefined leaves it without an answer */
  constructor(keys: ReplyKeys, handle: (request: Request) => Reply | undefined) {
    this.#keys = keys;
    this.#handle = handle;
  }

  /** A link on which a client reads answers. Returns what to call when it is gone. */
  addReplies(link: Link): () => void {
    const replies: ReplyLink = { link, address: link.remote.attach.target?.address ?? undefined, waiting: [] };
    this.#replyLinks.push(replies);
    link.on('sender_flow', () => this.#flush(replies));
    return () => {
      this.#replyLinks = this.#replyLinks.filter((other) => other !== replies);
      outgoingOf(link).drop(link);
    };
  }

  /** A link on which a client sends requests. */
  addRequests(link: Link, maxMessageBytes: number): void {
    link.local.attach.max_message_size = maxMessageBytes;
    link.add_credit(CREDIT_WINDOW);
    link.on('message', ({ message, delivery }: { message: Buffer; delivery: IncomingDelivery }) => {
      if (link.credit <= CREDIT_WINDOW / 2) link.add_credit(CREDIT_WINDOW - link.credit);
      if (delivery.remote_settled) delivery.settled = true;
      else delivery.update(true, accepted);
      this.#answer(link.session, message);
    });
  }

  #answer(session: Session, message: Buffer): void {
    const reply = this.#reply(message);
    const replyTo = textField(message, 4);
    const links = this.#replyLinks.filter(({ link }) => link.session === session);
    const target =
      links.find(({ address }) => replyTo !== undefined && address === replyTo) ??
      links.find(({ link }) => link.local.attach.name === replyTo) ??
      links[0];
    if (!reply || !target) return;
    target.waiting.push(this.#encode(reply, propertyField(message, 0)));
    this.#flush(target);
  }

  #reply(message: Buffer): Reply | undefined {
    try {
      const properties = entriesOf(sectionValue(message, 0x74));
      const operation = String(plain(properties.get('operation')) ?? '');
      return this.#handle({ operation, properties, body: sectionValue(message, 0x77) });
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      return { status: 400, description: error.message, condition: 'com.microsoft:argument-error' };
    }
  }

  /** The correlation id is the request's message id with its type: some clients number their requests. */
  #encode(reply: Reply, messageId: Buffer | undefined): Buffer {
    const { types } = rhea;
    return rhea.message.encode({
      ...(messageId ? { correlation_id: readTyped(messageId) as unknown as string } : {}),
      application_properties: {
        [this.#keys.status]: types.wrap_int(reply.status),
        [this.#keys.description]: types.wrap_string(reply.description),
        ...(reply.condition ? { [this.#keys.condition]: types.wrap_symbol(reply.condition) } : {}),
      },
      body: reply.body ?? types.wrap_map({}),
    });
  }

  #flush({ link, waiting }: ReplyLink): void {
    while (link.is_open() && link.credit > 0) {
      const payload = waiting.shift();
      if (!payload) return;
      const settled = link.remote.attach.snd_settle_mode !== 0;
      outgoingOf(link).send({ link, tag: Buffer.from(String(this.#tag++)), payload, settled });
    }
  }
}

function textField(message: Buffer, index: number): string | undefined {
  try {
    const field = propertyField(message, index);
    const value = field && plain(readTyped(field));
    return typeof value === 'string' ? value : undefined;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
