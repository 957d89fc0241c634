import { array, binary, described, frame, list, map, no, nothing, string, ubyte, uint, uuid, yes } from './amqp.ts';

export const codes = {
  open: 0x10,
  begin: 0x11,
  attach: 0x12,
  flow: 0x13,
  transfer: 0x14,
  disposition: 0x15,
  detach: 0x16,
  end: 0x17,
  close: 0x18,
  mechanisms: 0x40,
  init: 0x41,
  outcome: 0x44,
};

export const accepted = described(0x24, Buffer.from([0x45]));

export interface Attach {
  name: string;
  handle: number;
  /** Undefined: this end sends. */
  source?: string;
  target?: string;
  sndSettleMode?: number;
  rcvSettleMode?: number;
}

export const openFrame = (maxFrameSize = 65_536) =>
  frame(0, described(codes.open, list(string('raw'), string('127.0.0.1'), uint(maxFrameSize))));

export const beginFrame = (channel: number, incomingWindow = 0xffff_ffff) =>
  frame(channel, described(codes.begin, list(nothing, uint(0), uint(incomingWindow), uint(0xffff_ffff))));

export function attachFrame(attach: Attach, channel = 0): Buffer {
  const { name, handle, source, target, sndSettleMode, rcvSettleMode } = attach;
  const receives = source !== undefined;
  return frame(
    channel,
    described(
      codes.attach,
      list(
        string(name),
        uint(handle),
        receives ? yes : no,
        sndSettleMode === undefined ? nothing : ubyte(sndSettleMode),
        rcvSettleMode === undefined ? nothing : ubyte(rcvSettleMode),
        described(0x28, list(string(source ?? name))),
        described(0x29, list(string(target ?? name))),
        nothing,
        nothing,
        receives ? nothing : uint(0),
      ),
    ),
  );
}

export const flowFrame = (
  {
    handle,
    credit,
    drain = false,
    delivered = 0,
  }: { handle: number; credit: number; drain?: boolean; delivered?: number },
  channel = 0,
) =>
  frame(
    channel,
    described(
      codes.flow,
      list(
        uint(delivered),
        uint(0xffff_ffff),
        uint(0),
        uint(0xffff_ffff),
        uint(handle),
        uint(delivered),
        uint(credit),
        nothing,
        drain ? yes : no,
      ),
    ),
  );

/** Closes a link. */
export const detachFrame = (handle: number, channel = 0) =>
  frame(channel, described(codes.detach, list(uint(handle), yes)));

export const dispositionFrame = (first: number, last: number, state: Buffer, settled = false) =>
  frame(0, described(codes.disposition, list(yes, uint(first), uint(last), settled ? yes : no, state)));

/** The frames of one message; `format: null` leaves the message format out, as the protocol allows. */
export function transferFrames(
  {
    handle,
    id,
    settled = false,
    format = 0,
    frameBytes = 60_000,
  }: { handle: number; id: number; settled?: boolean; format?: number | null; frameBytes?: number },
  message: Buffer,
  channel = 0,
): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < message.length || at === 0; at += frameBytes) {
    const more = at + frameBytes < message.length;
    const fields = [
      uint(handle),
      uint(id),
      binary(Buffer.from(String(id))),
      format === null ? nothing : uint(format),
      settled ? yes : no,
      more ? yes : no,
    ];
    frames.push(frame(channel, described(codes.transfer, list(...fields)), message.subarray(at, at + frameBytes)));
  }
  return frames;
}

/** `lock-tokens` as the .NET client writes them: an array of uuid, in the order of their text. */
export function lockTokens(tags: readonly Buffer[]): Buffer {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return map([['lock-tokens', array(tags.map((tag) => uuid(Buffer.from(order.map((from) => tag[from] as number)))))]]);
}
