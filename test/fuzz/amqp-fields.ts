import type { Random } from '../../infra/local/model/src/random.ts';
import { endOf, itemsOf, numberOf } from '../../infra/local/servicebus/src/amqp/amqp-bytes.ts';
import * as amqp from '../../infra/local/servicebus/test/amqp.ts';
import {
  accepted,
  attachFrame,
  beginFrame,
  codes,
  detachFrame,
  dispositionFrame,
  flowFrame,
  openFrame,
  transferFrames,
} from '../../infra/local/servicebus/test/frames.ts';
import { anyValue, TARGET } from './amqp-frames.ts';

/** Where the fields of a frame without an extended header start: behind size, offset, type, channel and the descriptor's 0. */
const DESCRIPTOR_AT = 9;

/** The frame with one field left out, null, of another value, or with one more. */
function withAnotherField(random: Random, sound: Buffer): Buffer {
  const list = endOf(sound, DESCRIPTOR_AT, sound.length);
  const end = endOf(sound, list, sound.length);
  const fields = itemsOf(sound, list, end);
  const at = random.below(fields.length + 1);
  const other = random.pick([
    () => fields.toSpliced(at),
    () => fields.toSpliced(at, 1, amqp.nothing),
    () => fields.toSpliced(at, 1, anyValue(random)),
    () => fields.toSpliced(at, 0, anyValue(random)),
    () => fields.toSpliced(at, 1, amqp.uint(random.pick([0, 1, 511, 512, 5_000, 0x7fff_ffff, 0xffff_ffff]))),
  ])();
  const code = numberOf(sound.subarray(DESCRIPTOR_AT, list)) ?? codes.close;
  const body = amqp.described(code, amqp.list(...other));
  return amqp.frame(sound.readUInt16BE(6), body, sound.subarray(end), sound.readUInt8(5));
}

/** A message in frames that may lack their end, come twice, change their number, or be given up. */
function anyTransfer(random: Random): Buffer[] {
  const message = Buffer.concat([amqp.properties(amqp.string('m')), amqp.data(Buffer.alloc(random.below(3_000)))]);
  const frames = transferFrames(
    { handle: 0, id: random.below(3), frameBytes: random.pick([1, 7, 500, 500, 60_000, 60_000]) },
    message,
  ).slice(0, 40);
  switch (random.below(4)) {
    case 0:
      return frames.slice(0, -1);
    case 1:
      return [...frames, ...frames];
    case 2: {
      const aborted = amqp.list(amqp.uint(0), ...Array.from({ length: 8 }, () => amqp.nothing), amqp.yes);
      return [...frames.slice(0, 1), amqp.frame(0, amqp.described(codes.transfer, aborted))];
    }
    default:
      return frames;
  }
}

function soundFrame(random: Random): Buffer {
  return random.pick([
    () => attachFrame({ name: random.pick(['x', 's', 'r']), handle: random.below(4), target: TARGET }),
    () => attachFrame({ name: random.pick(['y', 's', 'r']), handle: random.below(4), source: TARGET }),
    () => flowFrame({ handle: random.below(3), credit: random.below(50), drain: random.below(2) === 0 }),
    () => dispositionFrame(random.below(4), random.below(4), accepted, random.below(2) === 0),
    () => detachFrame(random.below(3)),
    () => beginFrame(random.below(3), random.below(10)),
    () => openFrame(),
    () => amqp.frame(random.below(2), amqp.described(random.pick([codes.end, codes.close]), amqp.list(amqp.nothing))),
    () => transferFrames({ handle: 0, id: random.below(4) }, amqp.data(Buffer.from('x')))[0] as Buffer,
  ])();
}

function init(random: Random): Buffer {
  const mechanism = random.pick(['ANONYMOUS', 'PLAIN', 'MSSBCBS', 'X', 'constructor', '__proto__', '']);
  return amqp.frame(
    0,
    amqp.described(codes.init, amqp.list(amqp.symbol(mechanism), amqp.nothing, amqp.nothing)),
    undefined,
    1,
  );
}

/**
 * What one connection writes whose frames are well formed, but not as AMQP wants them: fields that are missing, of another
 * type or out of range, from the first frame on; deliveries that do not end; logins that go wrong.
 */
export function fieldsConversation(random: Random): Buffer[] {
  const perhaps = (sound: Buffer, of: number): Buffer =>
    random.below(of) === 0 ? withAnotherField(random, sound) : sound;
  const login = random.below(3) === 0 ? [amqp.protocolHeader(3), perhaps(init(random), 3)] : [];
  const opening = [amqp.protocolHeader(0), perhaps(openFrame(), 6), perhaps(beginFrame(0), 10)];
  const links = [
    attachFrame({ name: 's', handle: 0, target: TARGET }),
    attachFrame({ name: 'r', handle: 1, source: TARGET, rcvSettleMode: 1 }),
    flowFrame({ handle: 1, credit: 20 }),
  ].map((sound) => perhaps(sound, 12));
  const rest = Array.from({ length: 1 + random.below(20) }, () =>
    random.below(3) === 0 ? anyTransfer(random) : [perhaps(soundFrame(random), 3)],
  );
  return [...login, ...opening, ...links, ...rest.flat()];
}
