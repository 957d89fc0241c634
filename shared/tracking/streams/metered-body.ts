import type { Outcome } from '../../events/usage-event.ts';
import { type AnswerReading, unreadableAnswer } from '../../model/usage/answer-reading.ts';
import { saysTwice } from '../../model/usage/said-twice.ts';
import { type ByteReader, readAll, streamOf } from '../../util/fetch/byte-reader.ts';
import { readerOf, withBody } from '../../util/fetch/replaced-body.ts';
import { isRecord } from '../../util/json/record.ts';
import type { Attempt } from '../call.ts';
import { AnswerCutError } from '../errors.ts';
import { PassThrough, type StreamEnd } from './pass-through.ts';
import { ReadAhead } from './read-ahead.ts';

export interface BodyHooks {
  /** Called once, at a stream's first output. */
  firstOutput(): void;
  /** Called after each chunk of a stream; what it returns is awaited before the chunk passes. An error of it ends the stream. */
  mayPass(reading: AnswerReading): Promise<void> | undefined;
  /** Awaited before the reader learns of the answer's end. An error of it takes the end's place. */
  end(outcome: Outcome, reading: AnswerReading | undefined): Promise<void>;
  /** A stream that stands still for longer is ended; ms. */
  idleMs: number;
  /** True where the cost of a stream must be seen as it comes, read or not. */
  readsAhead: boolean;
}

/** The same answer, whose body is read for its usage: a whole one at once, a stream while it passes. */
export function meteredBody(answer: Response, attempt: Attempt, hooks: BodyHooks): Response | Promise<Response> {
  const stream = isEventStream(answer) ? attempt.dialect.readStream?.() : undefined;
  const source = stream && readerOf(answer);
  if (!stream || !source) return wholeBody(answer, attempt, hooks);
  stream.onFirstOutput = () => hooks.firstOutput();
  const passed = new PassThrough(source, {
    chunk: (bytes) => stream.feed(bytes),
    mayPass: () => hooks.mayPass(stream.reading),
    end: (how) => {
      stream.finish();
      return hooks.end(streamOutcome(how, stream.reading, attempt), stream.reading);
    },
    idleMs: hooks.idleMs,
  });
  const pieces = hooks.readsAhead ? new ReadAhead(passed) : passed;
  const reader = () => readerOfPieces(pieces);
  return withBody(answer, { whole: () => streamOf(reader()), pieces: () => pieces, reader });
}

async function wholeBody(answer: Response, attempt: Attempt, hooks: BodyHooks): Promise<Response> {
  const source = readerOf(answer);
  const { bytes, size, error } = source ? await readAll(source) : { bytes: new ArrayBuffer(0), size: 0 };
  if (error !== undefined) {
    const isAborted = attempt.isAborted(true);
    await hooks.end(isAborted ? 'aborted' : 'failed', unreadableAnswer(size));
    throw isAborted ? error : new AnswerCutError(error);
  }
  const value = parse(bytes);
  if (value === undefined) {
    await hooks.end('failed', unreadableAnswer(size));
    if (answer.headers.get('content-type')?.includes('json')) throw new AnswerCutError();
  } else {
    const isUnclear = isRecord(value) && saysTwice(new Uint8Array(bytes));
    const reading = attempt.dialect.readAnswer(isUnclear ? { ...value, usage: null } : value);
    // Providers do not charge for an error, whatever its status.
    const isCharged = !reading.failed || reading.usage.output !== null;
    await hooks.end(reading.failed ? 'failed' : 'succeeded', isCharged ? reading : undefined);
  }
  return withBody(answer, {
    whole: () => bytes,
    bytes: () => bytes,
    ...(value != null && { json: () => value }),
  });
}

function streamOutcome(how: StreamEnd, reading: AnswerReading, attempt: Attempt): Outcome {
  if (how === 'ended') return (reading.complete || reading.ended) && !reading.failed ? 'succeeded' : 'failed';
  return how === 'cancelled' || how === 'stopped' || attempt.isAborted(true) ? 'aborted' : 'failed';
}

const readerOfPieces = (pieces: PassThrough | ReadAhead): ByteReader => ({
  read: () => pieces.next(),
  cancel: async (reason) => void (await pieces.return(reason)),
});

const isEventStream = (answer: Response): boolean =>
  answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false;

/** A body that is not JSON used nothing that we could read. */
function parse(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
