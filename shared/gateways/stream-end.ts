import { TrailmeterError } from '../errors/trailmeter-error.ts';
import { AnswerCutError } from '../tracking/errors.ts';
import type { ByteReader } from '../util/fetch/byte-reader.ts';

export interface StreamEnding {
  /** The event that a client of this API takes for an error. */
  errorEvent(error: unknown): string;
  /** Comes after everything else, an error too. */
  comment?: (() => string) | undefined;
}

/**
 * The same bytes; where they break off, an error event and a clean end, since a Functions host leaves a client without an end when
 * a body fails.
 */
export function endingWell(source: ByteReader, { errorEvent, comment }: StreamEnding): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const read = await source.read();
          if (!read.done) {
            controller.enqueue(read.value);
            return;
          }
        } catch (error) {
          // The empty line ends an event that may have been cut.
          const told = errorEvent(error instanceof TrailmeterError ? error : new AnswerCutError(error));
          controller.enqueue(Buffer.from(`\n\n${told}`));
        }
        if (comment) controller.enqueue(Buffer.from(comment()));
        controller.close();
      },
      cancel: (reason) => source.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
