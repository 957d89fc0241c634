import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { AnswerCutError } from '../../tracking/errors.ts';

/**
 * The same bytes; where they break off, an `error` event of the Messages API and a clean end, since a Functions host leaves a
 * client without an end when a body fails.
 */
export function endingWell(
  source: ReadableStream<Uint8Array>,
  errorBody: (error: unknown) => unknown,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          const told = errorBody(error instanceof TrailmeterError ? error : new AnswerCutError(error));
          // The empty line ends an event that may have been cut.
          controller.enqueue(Buffer.from(`\n\nevent: error\ndata: ${JSON.stringify(told)}\n\n`));
          controller.close();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
