import type { Random } from '../../infra/local/model/src/random.ts';
import { bytes } from './amqp-frames.ts';
import type { SentRequest } from './model-calls/meant-for.ts';

export interface HostileRequest {
  head: string;
  body: Buffer;
  /** Whether all of it is there: then an answer is owed. */
  whole: boolean;
  /** Whether it says to be larger than any server takes. */
  overLimit: boolean;
  /** What it comes to. */
  sent: SentRequest;
}

const EXCESSIVE = '99999999999';

/** A request in bytes. Some say a wrong length, come in chunks, or have something before them. */
export function wired(
  random: Random,
  { method, target, headers, body }: Omit<SentRequest, 'content'> & { body: Buffer },
): HostileRequest {
  const isBroken = random.below(6) === 0;
  const length = isBroken ? random.pick(['-1', 'x', String(body.length + 10), EXCESSIVE, '0']) : String(body.length);
  const isChunked = random.below(10) === 0;
  const framing = isChunked ? ['transfer-encoding', 'chunked'] : ['content-length', length];
  const all = [['host', '127.0.0.1'], ['connection', 'close'], ...headers, framing];
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const junk = random.below(40) === 0 ? bytes(random, 30).toString('latin1') : '';
  const chunkEnd = random.below(2) === 0 ? '\r\n0\r\n\r\n' : 'oops';
  const chunks = () => Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from(chunkEnd)]);
  const content = () => {
    if (junk !== '') return undefined;
    if (isChunked) return chunkEnd === 'oops' ? undefined : body;
    if (!isBroken) return body;
    return length === '0' ? Buffer.alloc(0) : undefined;
  };
  return {
    head: `${junk}${method} ${target} HTTP/1.1\r\n${lines}\r\n`,
    body: isChunked ? chunks() : body,
    overLimit: !isChunked && length === EXCESSIVE,
    whole: junk === '' && !isBroken && !isChunked && !lines.includes('expect:'),
    sent: { method, target, headers, content: content() },
  };
}

/** The same request under an id of its own. */
export const withRequestId = (request: HostileRequest, id: string): HostileRequest => ({
  ...request,
  head: request.head.replace(/\r\n$/, `x-request-id: ${id}\r\n\r\n`),
});
