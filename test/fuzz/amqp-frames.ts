import type { Random } from '../../infra/local/model/src/random.ts';
import * as amqp from '../../infra/local/servicebus/test/amqp.ts';
import {
  attachFrame,
  beginFrame,
  codes,
  detachFrame,
  dispositionFrame,
  flowFrame,
  openFrame,
  transferFrames,
} from '../../infra/local/servicebus/test/frames.ts';

/** Queue that the attacks aim at; others are not theirs to touch. */
export const TARGET = 'fuzz';

const addresses = [
  TARGET,
  `/${TARGET}`,
  `${TARGET}/$management`,
  `${TARGET}/$deadletterqueue`,
  '$cbs',
  'nowhere',
  '',
  '$',
  '//',
  `${TARGET}/$management/$management`,
] as const;
const states = [0x23, 0x24, 0x25, 0x26, 0x27, 0x34] as const;
const operations = [
  'renew-lock',
  'peek-message',
  'schedule-message',
  'cancel-scheduled-message',
  'receive-by-sequence-number',
  'update-disposition',
  'batch-delete-messages',
  'x',
] as const;
const keys = [
  'lock-tokens',
  'sequence-numbers',
  'messages',
  'message',
  'message-count',
  'from-sequence-number',
  'disposition-status',
  'enqueued-time-utc',
  'properties-to-modify',
  'receiver-settle-mode',
] as const;

export const bytes = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.below(256)));

const chance = (random: Random, of: number): boolean => random.below(of) === 0;
const times = <T>(random: Random, most: number, make: () => T): T[] =>
  Array.from({ length: random.below(most + 1) }, make);
const number = (random: Random): number =>
  random.pick([0, 1, 2, 3, 100, 5_000, 0x7fff_ffff, 0xffff_ffff, random.below(2 ** 32)]);

/** Any value: most are sound, some are of a type code that takes whatever bytes follow. */
export function anyValue(random: Random, depth = 0): Buffer {
  const items = () => times(random, 4, () => anyValue(random, depth + 1));
  switch (random.below(depth > 5 ? 12 : 17)) {
    case 0:
      return amqp.nothing;
    case 1:
      return random.pick([amqp.yes, amqp.no]);
    case 2:
      return amqp.uint(number(random));
    case 3:
      return amqp.int(number(random) | 0);
    case 4:
      return amqp.long(BigInt(number(random)) * BigInt(random.pick([1, -1, 0x7fff_ffff])));
    case 5:
      return amqp.timestamp(number(random) * random.pick([1, 1_000, -1]));
    case 6:
      return amqp.uuid(bytes(random, 16));
    case 7:
      return amqp.binary(bytes(random, random.below(40)));
    case 8:
      return amqp.string(random.pick([...addresses, 'x'.repeat(random.below(600)), '\u0000', '😀']));
    case 9:
      return amqp.symbol(random.pick(['com.microsoft:dead-letter', 'amqp:not-found', 'x', '']));
    case 10:
      return Buffer.concat([bytes(random, 1), bytes(random, random.below(10))]);
    case 11:
      return amqp.ubyte(random.below(256));
    case 12:
      return amqp.list(...items());
    case 13:
      return amqp.map(times(random, 4, () => [random.pick(keys), anyValue(random, depth + 1)]));
    case 14: {
      const item = anyValue(random, depth + 1);
      return amqp.array(times(random, 3, () => item));
    }
    case 15:
      return amqp.described(random.below(256), anyValue(random, depth + 1));
    default:
      return Buffer.concat([Buffer.from([0]), anyValue(random, depth + 1), anyValue(random, depth + 1)]);
  }
}

/** A message of sound and unsound sections in any order. */
function anyMessage(random: Random): Buffer {
  const sections = times(random, 5, () =>
    amqp.described(random.pick([0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x10]), anyValue(random, 2)),
  );
  return chance(random, 4) ? bytes(random, random.below(300)) : Buffer.concat(sections);
}

function request(random: Random): Buffer {
  return Buffer.concat([
    amqp.properties(anyValue(random, 4), amqp.nothing, amqp.nothing, amqp.nothing, amqp.string('r')),
    amqp.applicationProperties([
      ['operation', amqp.string(random.pick(['put-token', ...operations.map((name) => `com.microsoft:${name}`)]))],
    ]),
    amqp.value(
      chance(random, 3) ? anyValue(random) : amqp.map(times(random, 6, () => [random.pick(keys), anyValue(random)])),
    ),
  ]);
}

/** A performative whose fields are whatever. */
function anyPerformative(random: Random): Buffer {
  const code = random.pick([random.below(256), 0x19, 0x42, 0x43, ...Object.values(codes)]);
  const fields = times(random, 12, () => anyValue(random, 1));
  return amqp.frame(
    random.pick([0, 0, 0, 1, 7, 65_535]),
    amqp.described(code, chance(random, 8) ? anyValue(random) : amqp.list(...fields)),
    bytes(random, random.pick([0, 0, 40])),
    random.pick([0, 0, 0, 0, 1, 2]),
  );
}

/** One frame of an ordinary conversation, perhaps in a moment that is not its own. */
function ordinaryFrame(random: Random): Buffer {
  const handle = random.below(5);
  switch (random.below(10)) {
    case 0:
      return attachFrame(
        {
          name: random.pick(['a', 'b', 'r']),
          handle,
          ...(chance(random, 2) ? { source: random.pick(addresses), target: 'r' } : { target: random.pick(addresses) }),
          sndSettleMode: random.below(4),
          rcvSettleMode: random.below(3),
        },
        random.below(2),
      );
    case 1:
    case 2:
      return Buffer.concat(
        transferFrames(
          {
            handle,
            id: random.below(4),
            settled: chance(random, 3),
            format: random.pick([0, 0x8001_3700, null, 5]),
            frameBytes: random.pick([10, 60_000]),
          },
          chance(random, 2) ? request(random) : anyMessage(random),
        ),
      );
    case 3:
    case 4:
      return flowFrame({ handle, credit: number(random), drain: chance(random, 3), delivered: random.below(3) });
    case 5:
      return dispositionFrame(
        random.below(5),
        number(random),
        amqp.described(
          random.pick(states),
          chance(random, 2) ? amqp.list() : amqp.list(...times(random, 4, () => anyValue(random, 2))),
        ),
        chance(random, 2),
      );
    case 6:
      return detachFrame(handle);
    case 7:
      return beginFrame(random.below(3), number(random));
    case 8:
      return amqp.frame(
        random.below(2),
        amqp.described(random.pick([codes.end, codes.close, codes.open]), amqp.list()),
      );
    default:
      return Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]);
  }
}

/** Flips, cuts, doubles or inserts some bytes. */
function mutated(random: Random, sound: Buffer): Buffer {
  let out = Buffer.from(sound);
  for (let left = 1 + random.below(6); left > 0 && out.length > 0; left--) {
    const at = random.below(out.length);
    switch (random.below(4)) {
      case 0:
        out.writeUInt8(out.readUInt8(at) ^ (1 << random.below(8)), at);
        break;
      case 1:
        out.writeUInt8(random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]), at);
        break;
      case 2:
        out = Buffer.concat([out.subarray(0, at), out.subarray(at + 1 + random.below(8))]);
        break;
      default:
        out = Buffer.concat([out.subarray(0, at), bytes(random, random.below(8)), out.subarray(at)]);
    }
  }
  return out;
}

const opening = () => [amqp.protocolHeader(0), openFrame(), beginFrame(0)];
const sasl = () => [
  amqp.protocolHeader(3),
  amqp.frame(0, amqp.described(codes.init, amqp.list(amqp.symbol('ANONYMOUS'), amqp.nothing)), undefined, 1),
];

/** What one hostile connection writes, piece by piece. */
export function hostileConversation(random: Random): Buffer[] {
  const links = [
    attachFrame({ name: 's', handle: 0, target: TARGET }),
    attachFrame({ name: 'r', handle: 1, source: TARGET, rcvSettleMode: 1 }),
    attachFrame({ name: 'm', handle: 2, target: `${TARGET}/$management` }),
    attachFrame({ name: 'n', handle: 3, source: `${TARGET}/$management`, target: 'r' }),
    flowFrame({ handle: 1, credit: 20 }),
    flowFrame({ handle: 3, credit: 20 }),
  ];
  const some = (make: () => Buffer) => Array.from({ length: 1 + random.below(25) }, make);
  const start = [...(chance(random, 3) ? sasl() : []), ...opening(), ...(chance(random, 4) ? [] : links)];
  switch (random.below(6)) {
    case 0:
      return some(() => bytes(random, 1 + random.below(400)));
    case 1:
      return [...start, ...some(() => bytes(random, 1 + random.below(100)))];
    case 2:
      return [...start, ...some(() => ordinaryFrame(random))];
    case 3:
      return [...start, ...some(() => anyPerformative(random))];
    case 4:
      return [...start, ...some(() => ordinaryFrame(random))].map((piece) =>
        chance(random, 6) ? mutated(random, piece) : piece,
      );
    default: {
      const whole = Buffer.concat([...start, ...some(() => ordinaryFrame(random))]);
      return [whole.subarray(0, random.below(whole.length))];
    }
  }
}
