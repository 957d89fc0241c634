import { checkValue, endOf, itemsOf, numberOf, textOf } from './amqp-bytes.ts';

/** A performative whose fields break the AMQP 1.0 specification. */
export class InvalidFieldError extends Error {
  readonly condition = 'amqp:invalid-field';
}

/** Type codes by type. A composite value is a descriptor with a list; `symbols` are one or several. */
const typeCodes = {
  boolean: [0x41, 0x42, 0x56],
  ubyte: [0x50],
  ushort: [0x60],
  uint: [0x43, 0x52, 0x70],
  ulong: [0x44, 0x53, 0x80],
  binary: [0xa0, 0xb0],
  string: [0xa1, 0xb1],
  symbol: [0xa3, 0xb3],
  symbols: [0xa3, 0xb3, 0xe0, 0xf0],
  map: [0xc1, 0xd1],
  composite: [0x00],
} satisfies Record<string, number[]>;

/** A field's type; with `!` it is mandatory. */
type FieldType = keyof typeof typeCodes | `${keyof typeof typeCodes}!`;

interface Performative {
  name: string;
  fields: readonly (readonly [name: string, type: FieldType])[];
}

const performative = (name: string, fields: Record<string, FieldType>): Performative => ({
  name,
  fields: Object.entries(fields),
});

const capabilities = {
  'offered-capabilities': 'symbols',
  'desired-capabilities': 'symbols',
  properties: 'map',
} as const;

/** What a client may send in an AMQP frame (AMQP 1.0, 2.7), by descriptor. */
const amqpPerformatives: Record<number, Performative> = {
  16: performative('open', {
    'container-id': 'string!',
    hostname: 'string',
    'max-frame-size': 'uint',
    'channel-max': 'ushort',
    'idle-time-out': 'uint',
    'outgoing-locales': 'symbols',
    'incoming-locales': 'symbols',
    ...capabilities,
  }),
  17: performative('begin', {
    'remote-channel': 'ushort',
    'next-outgoing-id': 'uint!',
    'incoming-window': 'uint!',
    'outgoing-window': 'uint!',
    'handle-max': 'uint',
    ...capabilities,
  }),
  18: performative('attach', {
    name: 'string!',
    handle: 'uint!',
    role: 'boolean!',
    'snd-settle-mode': 'ubyte',
    'rcv-settle-mode': 'ubyte',
    source: 'composite',
    target: 'composite',
    unsettled: 'map',
    'incomplete-unsettled': 'boolean',
    'initial-delivery-count': 'uint',
    'max-message-size': 'ulong',
    ...capabilities,
  }),
  19: performative('flow', {
    'next-incoming-id': 'uint',
    'incoming-window': 'uint!',
    'next-outgoing-id': 'uint!',
    'outgoing-window': 'uint!',
    handle: 'uint',
    'delivery-count': 'uint',
    'link-credit': 'uint',
    available: 'uint',
    drain: 'boolean',
    echo: 'boolean',
    properties: 'map',
  }),
  20: performative('transfer', {
    handle: 'uint!',
    'delivery-id': 'uint',
    'delivery-tag': 'binary',
    'message-format': 'uint',
    settled: 'boolean',
    more: 'boolean',
    'rcv-settle-mode': 'ubyte',
    state: 'composite',
    resume: 'boolean',
    aborted: 'boolean',
    batchable: 'boolean',
  }),
  21: performative('disposition', {
    role: 'boolean!',
    first: 'uint!',
    last: 'uint',
    settled: 'boolean',
    state: 'composite',
    batchable: 'boolean',
  }),
  22: performative('detach', { handle: 'uint!', closed: 'boolean', error: 'composite' }),
  23: performative('end', { error: 'composite' }),
  24: performative('close', { error: 'composite' }),
};

/** What a client may send in a SASL frame (AMQP 1.0, 5.3.3), by descriptor. */
const saslPerformatives: Record<number, Performative> = {
  65: performative('sasl-init', { mechanism: 'symbol!', 'initial-response': 'binary', hostname: 'string' }),
  67: performative('sasl-response', { response: 'binary!' }),
};

const tables = [amqpPerformatives, saslPerformatives];
const byName = tables.map((table) =>
  Object.fromEntries(Object.entries(table).map(([code, { name }]) => [`amqp:${name}:list`, Number(code)])),
);

const OPEN_CODE = 0x10;
const MAX_FRAME_SIZE_FIELD = 2;
/** Every peer must take frames of this size (AMQP 1.0, 2.7.1). */
const SMALLEST_FRAME_SIZE = 512;

/**
 * Checks the performative that starts at `at`: that it is well formed, that a client may send it in a frame of this type (0
 * AMQP, 1 SASL), and that its fields have their types and none that is mandatory is missing.
 * @throws MalformedError, InvalidFieldError
 */
export function checkPerformative(buffer: Buffer, at: number, limit: number, frameType: number): void {
  const end = checkValue(buffer, at, limit);
  const table = tables[frameType];
  if (!table) throw new InvalidFieldError(`the frame type ${frameType} is unknown`);
  if (buffer.readUInt8(at) !== 0) throw new InvalidFieldError('a frame does not start with a described performative');
  const list = endOf(buffer, at + 1, end);
  const descriptor = buffer.subarray(at + 1, list);
  const code = numberOf(descriptor) ?? byName[frameType]?.[textOf(descriptor) ?? ''] ?? -1;
  const known = table[code];
  if (!known) throw new InvalidFieldError('a frame has a performative that a client cannot send');
  if (!isList(buffer, list)) throw new InvalidFieldError(`${known.name} must be a list of fields`);
  const fields = itemsOf(buffer, list, end);
  checkFields(known, fields);
  if (code === OPEN_CODE) checkFrameSize(fields[MAX_FRAME_SIZE_FIELD]);
}

function checkFields({ name, fields }: Performative, values: readonly Buffer[]): void {
  if (values.length > fields.length) throw new InvalidFieldError(`${name} has more than ${fields.length} fields`);
  for (const [index, [field, wanted]] of fields.entries()) {
    const value = values[index];
    const mandatory = wanted.endsWith('!');
    if (value === undefined || value[0] === 0x40) {
      if (mandatory) throw new InvalidFieldError(`${name}: the field ${field} is missing`);
      continue;
    }
    const type = (mandatory ? wanted.slice(0, -1) : wanted) as keyof typeof typeCodes;
    const codes: readonly number[] = typeCodes[type];
    if (
      !codes.includes(value[0] as number) ||
      (type === 'composite' && !isList(value, endOf(value, 1, value.length)))
    ) {
      throw new InvalidFieldError(`${name}: the field ${field} must be of the type ${type}`);
    }
  }
}

/** A frame that is smaller than its own head could never carry a message. */
function checkFrameSize(field: Buffer | undefined): void {
  const size = field && numberOf(field);
  if (size !== undefined && size < SMALLEST_FRAME_SIZE)
    throw new InvalidFieldError(`open: max-frame-size must be at least ${SMALLEST_FRAME_SIZE}`);
}

const isList = (buffer: Buffer, at: number): boolean => [0x45, 0xc0, 0xd0].includes(buffer[at] as number);
