import { connect } from 'node:net';
import type { Random } from '../../infra/local/model/src/random.ts';
import { wholeAnswer } from './described-answer.ts';
import type { HttpTarget } from './http-requests.ts';
import type { HostileRequest } from './http-wire.ts';

/** How long a whole request may wait for the first line of its answer: on a slow machine a host of functions may stand still for a while. */
const PATIENCE_MS = 60_000;
/** What is not whole is owed no answer: it is left after this. */
const LINGER_MS = 30;

/** Longer answers are not read to their end. */
const MOST_READ = 200_000;

/** What became of a request: a status, or why there was none. */
export interface Answer {
  outcome: number | 'closed' | 'left' | 'hang';
  /** The first line of the request, to find it again. */
  request: string;
  /** What was answered with an error of the server's. */
  words: string;
  /** All that came, one character a byte. */
  received: string;
  /** Whether the request said to be larger than the host takes: it answers that with an empty 500. */
  overLimit: boolean;
}

/** The body of the first of the answers received: a server may have read what follows a request as another one. */
export function firstBody(received: string): string {
  const [head = '', ...rest] = received.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  if (length !== undefined) return body.slice(0, Number(length));
  return /^transfer-encoding: chunked$/im.test(head) ? (body.split('\r\n0\r\n')[0] ?? '') : body;
}

/** Sends one hostile request to a server and waits for the first line of its answer. */
export function attackHttp(
  target: HttpTarget,
  random: Random,
  { head, body, whole, overLimit }: HostileRequest,
): Promise<Answer> {
  const leavesEarly = random.below(8) === 0;
  const { hostname, port } = new URL(target.url);
  return new Promise((resolve) => {
    let received = '';
    const finish = (outcome: Answer['outcome']): void => {
      clearTimeout(timer);
      socket.destroy();
      const [line = ''] = head.slice(0, 120).split('\r\n');
      resolve({
        outcome,
        request: `${target.name} ${line}`,
        words: firstBody(received).slice(0, 300),
        received,
        overLimit,
      });
    };
    const owed = whole && !leavesEarly;
    const timer = setTimeout(() => finish(owed ? 'hang' : 'left'), owed ? PATIENCE_MS : LINGER_MS);
    const socket = connect(Number(port), hostname, () =>
      socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body])),
    );
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      const status = /^HTTP\/1\.1 (\d{3})/.exec(received)?.[1];
      // A stream of events may last.
      const isAwaited = owed && received.length < MOST_READ && /^content-type: *application\/\S*json/im.test(received);
      if (!status || status === '100' || status.startsWith('5')) return;
      if (!isAwaited || wholeAnswer(received)) finish(Number(status));
    });
    // What is said with an error of the server's is waited for.
    socket.on('close', () => {
      const status = /^HTTP\/1\.1 ([2-5]\d\d)/.exec(received)?.[1];
      finish(status ? Number(status) : 'closed');
    });
  });
}
