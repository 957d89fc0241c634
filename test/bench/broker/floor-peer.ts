import type { Socket } from 'node:net';
import { endOf, itemsOf, numberOf, textOf } from '../../../infra/local/servicebus/src/amqp/amqp-bytes.ts';
import { transferHead } from '../../../infra/local/servicebus/src/amqp/frames.ts';
import { propertyField } from '../../../infra/local/servicebus/src/amqp/sections.ts';
import { parseMessage } from '../../../infra/local/servicebus/src/messages/content.ts';
import { encodeMessage } from '../../../infra/local/servicebus/src/messages/encode-message.ts';
import * as amqp from '../../../infra/local/servicebus/test/amqp.ts';
import { accepted, codes } from '../../../infra/local/servicebus/test/frames.ts';

/** A link by its handle, which is the same number at both ends. */
interface Link {
  address: string;
  /** Whether the client receives on it. */
  receives: boolean;
  /** Transfers sent on it, or taken since it last got credit. */
  count: number;
}

const CREDIT_WINDOW = 2_000;
const most = amqp.uint(0xffff_ffff);
const ushort = (value: number) => Buffer.from([0x60, value >> 8, value & 0xff]);
const ulong = (value: number) => Buffer.concat([Buffer.from([0x80, 0, 0, 0, 0]), amqp.uint(value).subarray(1)]);
const isOf = (key: string, channel: number) => key.startsWith(`${channel}/`);

/** A message of 1 kB as a broker hands it out. */
const prepared = encodeMessage(
  parseMessage(
    Buffer.concat([amqp.properties(amqp.string(crypto.randomUUID())), amqp.data(Buffer.alloc(1_024, 0x61))]),
  ),
  { sequenceNumber: 1, enqueuedAt: 0, deliveryCount: 0, state: 'active', lockedUntil: 4e12 },
);

/**
 * The least that the real client can talk to: it keeps nothing, accepts everything, and has as many messages as are asked
 * for, encoded beforehand. What a client does against it is what the client itself can do.
 */
export class FloorPeer {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  readonly #out: Buffer[] = [];
  /** By channel and handle. */
  readonly #links = new Map<string, Link>();
  /** The number of the next delivery of each channel's session; also the tag of each delivery. */
  readonly #next = new Map<number, number>();
  #settling: { channel: number; byReceiver: boolean; first: number; last: number } | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  #read(chunk: Buffer): void {
    const buffer = this.#received.length > 0 ? Buffer.concat([this.#received, chunk]) : chunk;
    let at = 0;
    while (buffer.length - at >= 8) {
      const size = buffer.readUInt8(at) === 0x41 ? 8 : buffer.readUInt32BE(at);
      if (buffer.length - at < size) break;
      this.#obey(buffer.subarray(at, at + size));
      at += size;
    }
    this.#received = buffer.subarray(at);
    this.#flushSettling();
    if (this.#out.length > 0) this.#socket.write(Buffer.concat(this.#out.splice(0)));
  }

  #obey(frame: Buffer): void {
    const at = frame.readUInt8(4) * 4;
    if (frame.readUInt8(0) === 0x41) this.#beginLayer(frame.readUInt8(4));
    else if (at < frame.length) {
      const fields = itemsOf(frame, at + 3, frame.length);
      this.#perform(frame.readUInt16BE(6), frame.readUInt8(at + 2), fields, frame);
    }
  }

  #perform(channel: number, code: number, fields: Buffer[], frame: Buffer): void {
    switch (code) {
      case codes.init:
        this.#write(amqp.frame(0, amqp.described(codes.outcome, amqp.list(amqp.ubyte(0))), undefined, 1));
        break;
      case codes.open:
        this.#say(0, codes.open, amqp.string('floor'), amqp.nothing, amqp.uint(262_144));
        break;
      case codes.begin:
        this.#next.delete(channel);
        this.#say(channel, codes.begin, ushort(channel), amqp.uint(0), most, most);
        break;
      case codes.attach:
        this.#attach(channel, fields);
        break;
      case codes.flow:
        this.#flow(channel, fields);
        break;
      case codes.transfer:
        this.#take(channel, fields, frame);
        break;
      case codes.disposition:
        if (fields[3]?.[0] !== 0x41) this.#settle(channel, false, fields);
        break;
      case codes.detach:
        this.#say(channel, codes.detach, fields[0] as Buffer, amqp.yes);
        break;
      default:
        this.#say(channel, code);
        if (code === codes.close) this.#socket.end(Buffer.concat(this.#out.splice(0)));
    }
  }

  #beginLayer(protocol: number): void {
    this.#write(amqp.protocolHeader(protocol === 3 ? 3 : 0));
    if (protocol !== 3) return;
    const mechanisms = amqp.described(codes.mechanisms, amqp.list(amqp.symbol('ANONYMOUS')));
    this.#write(amqp.frame(0, mechanisms, undefined, 1));
  }

  #attach(channel: number, fields: Buffer[]): void {
    const [name, handle, role, snd, rcv, source, target] = fields as [Buffer, Buffer, ...Buffer[]];
    const receives = role?.[0] === 0x41;
    const terminus = (receives ? source : target) as Buffer;
    const address = textOf(itemsOf(terminus, 3, terminus.length)[0] ?? amqp.nothing) ?? '';
    this.#links.set(`${channel}/${numberOf(handle)}`, { address, receives, count: 0 });
    const [asked, given] = [source ?? amqp.nothing, target ?? amqp.nothing];
    const settle = [snd ?? amqp.nothing, rcv ?? amqp.nothing] as const;
    const start = [amqp.nothing, amqp.nothing, receives ? amqp.uint(0) : amqp.nothing, ulong(262_144)] as const;
    this.#say(channel, codes.attach, name, handle, receives ? amqp.no : amqp.yes, ...settle, asked, given, ...start);
    if (!receives) this.#grant(channel, handle, 0);
  }

  #grant(channel: number, handle: Buffer, taken: number): void {
    const session = [amqp.uint(0), most, amqp.uint(0), most] as const;
    this.#say(channel, codes.flow, ...session, handle, amqp.uint(taken), amqp.uint(CREDIT_WINDOW));
  }

  /** Sends what the client has asked for. */
  #flow(channel: number, fields: Buffer[]): void {
    const handle = fields[4] && numberOf(fields[4]);
    const link = handle === undefined ? undefined : this.#links.get(`${channel}/${handle}`);
    if (handle === undefined || !link || link.address.startsWith('$')) return;
    const wanted = (numberOf(fields[5] ?? amqp.nothing) ?? 0) + (numberOf(fields[6] ?? amqp.nothing) ?? 0);
    for (; link.count < wanted; link.count++) this.#send(channel, handle, prepared, false);
  }

  #send(channel: number, handle: number, payload: Buffer, settled: boolean): void {
    const deliveryId = this.#next.get(channel) ?? 0;
    this.#next.set(channel, deliveryId + 1);
    const tag = Buffer.alloc(16);
    tag.writeUInt32BE(deliveryId, 0);
    this.#write(transferHead(channel, { handle, deliveryId, tag, settled, more: false }, payload.length));
    this.#write(payload);
  }

  #take(channel: number, fields: Buffer[], frame: Buffer): void {
    const [handle, id] = fields as [Buffer, Buffer];
    const link = this.#links.get(`${channel}/${numberOf(handle)}`) as Link;
    this.#settle(channel, true, [amqp.nothing, id, id]);
    link.count++;
    if (link.address === '$cbs') this.#answerToken(channel, frame);
    if (link.count % (CREDIT_WINDOW / 2) === 0) this.#grant(channel, handle, link.count);
  }

  #answerToken(channel: number, frame: Buffer): void {
    const message = frame.subarray(endOf(frame, frame.readUInt8(4) * 4, frame.length));
    const found = [...this.#links].find(
      ([key, link]) => link.receives && link.address === '$cbs' && isOf(key, channel),
    );
    if (!found) return;
    const { nothing } = amqp;
    const id = propertyField(message, 0) ?? nothing;
    const reply = [
      amqp.properties(nothing, nothing, nothing, nothing, nothing, id),
      amqp.applicationProperties([['status-code', amqp.int(202)]]),
      amqp.value(nothing),
    ];
    this.#send(channel, Number(found[0].split('/')[1]), Buffer.concat(reply), true);
  }

  /** Joins the settlement to the last one when their numbers adjoin. */
  #settle(channel: number, byReceiver: boolean, fields: Buffer[]): void {
    const first = numberOf(fields[1] as Buffer) ?? 0;
    const last = numberOf(fields[2] ?? amqp.nothing) ?? first;
    const open = this.#settling;
    if (open && open.channel === channel && open.byReceiver === byReceiver && open.last + 1 === first) open.last = last;
    else {
      this.#flushSettling();
      this.#settling = { channel, byReceiver, first, last };
    }
  }

  #flushSettling(): void {
    if (!this.#settling) return;
    const { channel, byReceiver, first, last } = this.#settling;
    this.#settling = undefined;
    const role = byReceiver ? amqp.yes : amqp.no;
    this.#say(channel, codes.disposition, role, amqp.uint(first), amqp.uint(last), amqp.yes, accepted);
  }

  #say(channel: number, code: number, ...fields: Buffer[]): void {
    this.#write(amqp.frame(channel, amqp.described(code, amqp.list(...fields))));
  }

  #write(bytes: Buffer): void {
    this.#out.push(bytes);
  }
}
