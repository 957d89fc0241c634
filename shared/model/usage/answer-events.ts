import type { AnswerReading } from './answer-reading.ts';
import { type SseEvent, SseReader } from './sse-reader.ts';

/** The events of a streamed answer, and where in its bytes the answer ends. */
export class AnswerEvents {
  readonly #sse: SseReader;
  #stopAt: number | undefined;
  #isStopped = false;

  constructor(onEvent: (event: SseEvent) => void) {
    this.#sse = new SseReader(onEvent);
  }

  /** @returns as `StreamReading.feed` does */
  feed(chunk: Uint8Array): number {
    this.#stopAt = this.#isStopped ? 0 : undefined;
    this.#sse.feed(chunk);
    return this.#stopAt ?? chunk.length;
  }

  /** The answer ends before this event. */
  stop(event: SseEvent): void {
    this.#isStopped = true;
    this.#stopAt ??= event.start;
  }

  /** Nothing comes any more: where the totals did not come, what could not be read counts as output. */
  finish(reading: AnswerReading): void {
    if (!reading.complete) reading.outputBytes += this.#sse.unreadBytes;
  }

  /** What was taken for the end was not. */
  goOn(): void {
    this.#isStopped = false;
    this.#stopAt = undefined;
  }
}
