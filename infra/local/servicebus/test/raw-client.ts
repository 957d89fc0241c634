import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { endOf, itemsOf, numberOf, textOf } from '../src/amqp/amqp-bytes.ts';
import {
  applicationProperties,
  described,
  frame,
  list,
  nothing,
  properties,
  protocolHeader,
  string,
  symbol,
  value,
} from './amqp.ts';
import {
  type Attach,
  attachFrame,
  beginFrame,
  codes,
  dispositionFrame,
  flowFrame,
  openFrame,
  transferFrames,
} from './frames.ts';
import { closing } from './setup.ts';

/** A frame as it came: what performative it is, its fields as raw values, and the payload. */
export interface RawFrame {
  channel: number;
  code: number;
  fields: Buffer[];
  payload: Buffer;
}

/** A message that came whole, of one or more frames. */
export interface RawDelivery {
  id: number;
  tag: Buffer;
  settled: boolean;
  handle: number;
  message: Buffer;
  frames: number;
}

/**
 * A client of frames, without a library between it and the wire: it sees the types in which the broker answers, and writes
 * what no library would. It speaks as the .NET client does: MSSBCBS, addresses with a leading slash, frames of 64 KiB.
 */
export class RawClient {
  readonly socket: Socket;
  /** The kinds of all frames in the order in which they came. */
  readonly seen: number[] = [];
  /** Bytes. */
  largestFrame = 0;
  #inbox: RawFrame[] = [];
  #received = Buffer.alloc(0);
  #waiters: (() => void)[] = [];
  #ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#ended = true;
      this.#changed();
    });
  }

  /** Connects with a SASL mechanism, or without SASL when it is undefined. Opens a connection and session 0. */
  static async open(
    port: number,
    options: { mechanism?: string | undefined; maxFrameSize?: number; incomingWindow?: number } = {},
  ): Promise<RawClient> {
    const client = await RawClient.connect(port);
    const { mechanism } = { mechanism: 'MSSBCBS', ...options };
    if (mechanism !== undefined) {
      client.write(protocolHeader(3));
      client.write(
        frame(0, described(codes.init, list(symbol(mechanism), nothing, string('127.0.0.1'))), undefined, 1),
      );
      await client.next(codes.outcome);
    }
    client.write(protocolHeader(0), openFrame(options.maxFrameSize ?? 65_536), beginFrame(0, options.incomingWindow));
    await client.next(codes.open);
    await client.next(codes.begin);
    return client;
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const client = new RawClient(socket);
    closing({ close: async () => void socket.destroy() });
    return client;
  }

  write(...bytes: Buffer[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  /** The next frame of this kind that nobody has taken yet. */
  async next(code: number, matches: (frame: RawFrame) => boolean = () => true): Promise<RawFrame> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const at = this.#inbox.findIndex((each) => each.code === code && matches(each));
      if (at >= 0) return this.#inbox.splice(at, 1)[0] as RawFrame;
      if (this.#ended) throw new Error(`the connection ended before a frame 0x${code.toString(16)} came`);
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no frame 0x${code.toString(16)} came`);
      await this.#change(left);
    }
  }

  /** How many frames of this kind wait to be taken. */
  waiting(code: number): number {
    return this.#inbox.filter((each) => each.code === code).length;
  }

  get isOpen(): boolean {
    return !this.#ended;
  }

  /** Attaches a link and gives the broker's attach. */
  async attach(attach: Attach, channel = 0): Promise<RawFrame> {
    this.write(attachFrame(attach, channel));
    return this.next(codes.attach, ({ fields }) => textOf(fields[0] as Buffer) === attach.name);
  }

  grant(handle: number, credit: number, drain = false, channel = 0): void {
    this.write(flowFrame({ handle, credit, drain }, channel));
  }

  /** The next whole delivery of a link. */
  async delivery(handle: number): Promise<RawDelivery> {
    const first = await this.next(codes.transfer, ({ fields }) => numberOf(fields[0] as Buffer) === handle);
    const parts = [first.payload];
    let last = first;
    while (last.fields[5]?.[0] === 0x41) {
      last = await this.next(codes.transfer, ({ fields }) => numberOf(fields[0] as Buffer) === handle);
      parts.push(last.payload);
    }
    return {
      id: numberOf(first.fields[1] as Buffer) as number,
      tag: (first.fields[2] as Buffer).subarray(2),
      settled: first.fields[4]?.[0] === 0x41,
      handle,
      message: Buffer.concat(parts),
      frames: parts.length,
    };
  }

  /** Says what became of a delivery, unsettled as the service's own clients do, and gives the state of the answer. */
  async settle(id: number, state: Buffer): Promise<Buffer> {
    this.write(dispositionFrame(id, id, state));
    const answer = await this.next(
      codes.disposition,
      ({ fields }) =>
        (numberOf(fields[1] as Buffer) as number) <= id && id <= (numberOf(fields[2] as Buffer) as number),
    );
    return answer.fields[4] ?? nothing;
  }

  /** Sends one message in as many frames as asked for, and gives the state that it was answered with. */
  async send(handle: number, id: number, message: Buffer, frameBytes = 60_000): Promise<Buffer> {
    this.write(...transferFrames({ handle, id, frameBytes }, message));
    const answer = await this.next(codes.disposition, ({ fields }) => numberOf(fields[1] as Buffer) === id);
    return answer.fields[4] ?? nothing;
  }

  /** Waits until something came, or the time is over. */
  async #change(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#waiters.push(resolve);
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }

  #changed(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #read(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      if (this.#received.length < 8) break;
      const size = this.#received.readUInt32BE(0);
      if (size === 0x414d_5150) {
        this.#received = this.#received.subarray(8);
        continue;
      }
      if (this.#received.length < size) break;
      if (size > 8) {
        const read = readFrame(this.#received.subarray(0, size));
        this.#inbox.push(read);
        this.seen.push(read.code);
        this.largestFrame = Math.max(this.largestFrame, size);
      }
      this.#received = this.#received.subarray(size);
    }
    this.#changed();
  }
}

function readFrame(bytes: Buffer): RawFrame {
  const descriptor = endOf(bytes, 9, bytes.length);
  const end = endOf(bytes, descriptor, bytes.length);
  return {
    channel: bytes.readUInt16BE(6),
    code: numberOf(bytes.subarray(9, descriptor)) as number,
    fields: itemsOf(bytes, descriptor, end),
    payload: bytes.subarray(end),
  };
}

/** A request-response pair on `$cbs` or `$management`, both links settled and named as the .NET client does. */
export async function requestPair(client: RawClient, address: string, handle: number) {
  const replyTo = `${address}-reply`;
  await client.attach({ name: `${address}-s`, handle, target: address, sndSettleMode: 1 });
  await client.attach({ name: `${address}-r`, handle: handle + 1, source: address, target: replyTo, sndSettleMode: 1 });
  client.grant(handle + 1, 50);
  let id = 0;
  /** Sends a request; gives the raw sections of its answer. */
  return async (operation: string, body: Buffer, more: readonly (readonly [string, Buffer])[] = []) => {
    const message = Buffer.concat([
      properties(string(`request-${id}`), nothing, nothing, nothing, string(replyTo)),
      applicationProperties([['operation', string(operation)], ...more]),
      value(body),
    ]);
    client.write(...transferFrames({ handle, id: id++, settled: true }, message));
    return (await client.delivery(handle + 1)).message;
  };
}
