/** Bytes that are not an AMQP 1.0 value. Ends the connection or refuses the message that carried them. */
export class MalformedError extends Error {
  readonly condition = 'amqp:decode-error';
}

/** No honest frame nests deeper or repeats an empty element more often; hostile ones do, to exhaust the stack or the heap. */
const MAX_DEPTH = 32;
const MAX_EMPTY_ELEMENTS = 1024;

/** Width of the length prefix (variable, compound, array) or of the value (fixed), by the upper half of the type code. */
const widths: Record<number, number> = {
  4: 0,
  5: 1,
  6: 2,
  7: 4,
  8: 8,
  9: 16,
  10: 1,
  11: 4,
  12: 1,
  13: 4,
  14: 1,
  15: 4,
};

const codes = new Set([
  0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x60, 0x61, 0x70, 0x71, 0x72, 0x73,
  0x74, 0x80, 0x81, 0x82, 0x83, 0x84, 0x94, 0x98, 0xa0, 0xa1, 0xa3, 0xb0, 0xb1, 0xb3, 0xc0, 0xc1, 0xd0, 0xd1, 0xe0,
  0xf0,
]);

function widthOf(code: number): number {
  if (!codes.has(code)) throw new MalformedError(`there is no AMQP type with the code 0x${code.toString(16)}`);
  return widths[code >> 4] ?? 0;
}

function need(at: number, bytes: number, limit: number): void {
  if (at + bytes > limit)
    throw new MalformedError(`a value of ${bytes} bytes at ${at} does not fit into ${limit} bytes`);
}

const readLength = (buffer: Buffer, at: number, width: number): number =>
  width === 1 ? buffer.readUInt8(at) : buffer.readUInt32BE(at);

/**
 * Where the AMQP value that starts at `at` ends. Compound values are stepped over by their size, not looked into.
 * @throws MalformedError when it does not end before `limit`.
 */
export function endOf(buffer: Buffer, at: number, limit: number, depth = 0): number {
  need(at, 1, limit);
  const code = buffer.readUInt8(at);
  if (code === 0) {
    if (depth > MAX_DEPTH) throw new MalformedError('descriptors are nested too deep');
    return endOf(buffer, endOf(buffer, at + 1, limit, depth + 1), limit, depth + 1);
  }
  const width = widthOf(code);
  const body = at + 1;
  need(body, width, limit);
  if (code < 0xa0) return body + width;
  const length = readLength(buffer, body, width);
  need(body + width, length, limit);
  return body + width + length;
}

/**
 * Like `endOf`, but looks into lists, maps, arrays and descriptors, so that a reader which trusts counts may follow.
 * @throws MalformedError
 */
export function checkValue(buffer: Buffer, at: number, limit: number, depth = 0): number {
  need(at, 1, limit);
  if (depth > MAX_DEPTH) throw new MalformedError('values are nested too deep');
  const code = buffer.readUInt8(at);
  if (code === 0) {
    return checkValue(buffer, checkValue(buffer, at + 1, limit, depth + 1), limit, depth + 1);
  }
  return checkBody(buffer, at + 1, limit, code, depth);
}

/** Checks what follows the type code; array elements have no code of their own. */
function checkBody(buffer: Buffer, at: number, limit: number, code: number, depth: number): number {
  const width = widthOf(code);
  need(at, width, limit);
  if (code < 0xa0) return at + width;
  const length = readLength(buffer, at, width);
  const end = at + width + length;
  need(at + width, length, limit);
  if (code < 0xc0) return end;
  need(at + width, width, end);
  const count = readLength(buffer, at + width, width);
  const start = at + 2 * width;
  const reached =
    code < 0xe0 ? checkItems(buffer, start, end, count, depth) : checkElements(buffer, start, end, count, depth);
  if (reached !== end) throw new MalformedError(`a value says that it ends at ${end} but ends at ${reached}`);
  return end;
}

function checkItems(buffer: Buffer, start: number, end: number, count: number, depth: number): number {
  let at = start;
  for (let i = 0; i < count; i++) at = checkValue(buffer, at, end, depth + 1);
  return at;
}

function checkElements(buffer: Buffer, start: number, end: number, count: number, depth: number): number {
  need(start, 1, end);
  let at = start;
  while (buffer.readUInt8(at) === 0) {
    at = checkValue(buffer, at + 1, end, depth + 1);
    need(at, 1, end);
  }
  const code = buffer.readUInt8(at);
  at += 1;
  if (widthOf(code) === 0 && count > MAX_EMPTY_ELEMENTS)
    throw new MalformedError('an array repeats an empty value too often');
  for (let i = 0; i < count; i++) at = checkBody(buffer, at, end, code, depth + 1);
  return at;
}

/** The values of the list or map at `at`, each as its range of bytes. A missing or null list has none. */
export function itemsOf(buffer: Buffer, at: number, limit: number): Buffer[] {
  const end = endOf(buffer, at, limit);
  const code = buffer.readUInt8(at);
  if (code === 0x45 || code === 0x40) return [];
  if (code !== 0xc0 && code !== 0xd0 && code !== 0xc1 && code !== 0xd1) {
    throw new MalformedError(`expected a list or a map, got the type code 0x${code.toString(16)}`);
  }
  const width = code < 0xd0 ? 1 : 4;
  need(at + 1 + width, width, end);
  const count = readLength(buffer, at + 1 + width, width);
  const items: Buffer[] = [];
  let from = at + 1 + 2 * width;
  for (let i = 0; i < count; i++) {
    const to = endOf(buffer, from, end);
    items.push(buffer.subarray(from, to));
    from = to;
  }
  return items;
}

/** The text of a string or symbol; undefined for any other type. */
export function textOf(value: Buffer): string | undefined {
  switch (value[0]) {
    case 0xa1:
    case 0xa3:
      return value.toString('utf8', 2);
    case 0xb1:
    case 0xb3:
      return value.toString('utf8', 5);
    default:
      return undefined;
  }
}

/** An unsigned integer or a timestamp as a number; undefined for any other type (null among them). */
export function numberOf(value: Buffer): number | undefined {
  switch (value[0]) {
    case 0x43:
    case 0x44:
      return 0;
    case 0x50:
    case 0x52:
    case 0x53:
      return value.readUInt8(1);
    case 0x70:
      return value.readUInt32BE(1);
    case 0x80:
      return Number(value.readBigUInt64BE(1));
    case 0x81:
    case 0x83:
      return Number(value.readBigInt64BE(1));
    default:
      return undefined;
  }
}
