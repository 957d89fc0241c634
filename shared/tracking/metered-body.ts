import type { Outcome } from '../events/usage-event.ts';
import { type AnswerReading, emptyReading } from '../model/usage/answer-reading.ts';
import type { Attempt } from './call.ts';
import { PassThrough, type StreamEnd } from './pass-through.ts';
import { ReadAhead } from './read-ahead.ts';
import { withBody } from './replaced-body.ts';

export interface BodyHooks {
  /** Called once, at a stream's first output. */
  firstOutput(): void;
  /** Called after each chunk of a stream; what it returns is awaited before the chunk passes. An error of it ends the stream. */
  mayPass(reading: AnswerReading): Promise<void> | undefined;
  /** Awaited before the reader learns of the answer's end. An error of it takes the end's place. */
  end(outcome: Outcome, reading: AnswerReading): Promise<void>;
  /** A stream that stands still for longer is ended; ms. */
  idleMs: number;
  /** True where the cost of a stream must be seen as it comes, read or not. */
  readsAhead: boolean;
}

/** The same answer, whose body is read for its usage: a whole one at once, a stream while it passes. */
export function meteredBody(answer: Response, attempt: Attempt, hooks: BodyHooks): Response | Promise<Response> {
  const stream = isEventStream(answer) ? attempt.dialect.readStream?.() : undefined;
  if (!stream || !answer.body) return wholeBody(answer, attempt, hooks);
  stream.onFirstOutput = () => hooks.firstOutput();
  const passed = new PassThrough(answer.body, {
    chunk: (bytes) => stream.feed(bytes),
    mayPass: () => hooks.mayPass(stream.reading),
    end: (how) => hooks.end(streamOutcome(how, stream.reading, attempt), stream.reading),
    idleMs: hooks.idleMs,
  });
  const pieces = hooks.readsAhead ? new ReadAhead(passed) : passed;
  return withBody(answer, { whole: () => streamOf(pieces), pieces: () => pieces });
}

async function wholeBody(answer: Response, attempt: Attempt, hooks: BodyHooks): Promise<Response> {
  let bytes: ArrayBuffer;
  try {
    bytes = await answer.arrayBuffer();
  } catch (error) {
    await hooks.end(attempt.isAborted(true) ? 'aborted' : 'failed', emptyReading());
    throw error;
  }
  const value = parse(bytes);
  await hooks.end('succeeded', attempt.dialect.readAnswer(value));
  return withBody(answer, {
    whole: () => bytes,
    bytes: () => bytes,
    ...(value != null && { json: () => value }),
  });
}

function streamOutcome(how: StreamEnd, reading: AnswerReading, attempt: Attempt): Outcome {
  if (how === 'ended') return reading.complete && !reading.failed ? 'succeeded' : 'failed';
  return how === 'cancelled' || how === 'stopped' || attempt.isAborted(true) ? 'aborted' : 'failed';
}

/** Nothing is read ahead of its reader. */
const streamOf = (pieces: PassThrough | ReadAhead): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async (reason) => void (await pieces.return(reason)),
    },
    { highWaterMark: 0 },
  );

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
