import { AnswerEvents } from './answer-events.ts';
import { type AnswerReading, emptyReading, isComplete, noteBlock } from './answer-reading.ts';
import { isError, noteNames } from './chat-usage.ts';
import { fieldsOf, readOpenAiUsage, responseNames } from './openai-usage.ts';
import type { SseEvent } from './sse-reader.ts';
import { readEvent, type StreamReading } from './stream-reading.ts';

/** Reads a whole answer of the Responses API. Any other body gives a reading that is not complete. */
export function readResponse(body: unknown): AnswerReading {
  const reading = emptyReading();
  const answer = fieldsOf(body);
  noteResponse(reading, answer);
  if (!reading.complete) noteBlock(reading, answer['output'] ?? body);
  return reading;
}

function noteResponse(reading: AnswerReading, response: Record<string, unknown>): void {
  noteNames(reading, response);
  reading.failed = isError(response);
  reading.usage = readOpenAiUsage(response['usage'], responseNames, response['service_tier']);
  reading.complete = isComplete(reading.usage);
}

const last = ['response.completed', 'response.incomplete', 'response.failed'];

/** Reads a streamed answer of the Responses API while it passes. Its last event has the whole answer with its usage. */
export class ResponseStreamReading implements StreamReading {
  readonly reading: AnswerReading = emptyReading();
  onFirstOutput: () => void = () => {};
  readonly #events = new AnswerEvents((event) => this.#event(event));
  #hasOutput = false;

  feed(chunk: Uint8Array): number {
    return this.#events.feed(chunk);
  }

  finish(): void {
    this.#events.finish(this.reading);
  }

  #event(event: SseEvent): void {
    const data = readEvent(event);
    // It may be output.
    if (!data) this.#output(event.dataBytes);
    const { type, delta, response } = data ?? {};
    if (typeof delta === 'string') this.#output(Buffer.byteLength(delta));
    if (type === 'response.created') noteNames(this.reading, fieldsOf(response));
    if (type === 'error' || event.name === 'error') this.reading.failed = true;
    else if (last.includes(String(type))) {
      noteResponse(this.reading, fieldsOf(response));
      this.reading.ended = true;
    } else return;
    this.#events.stop(event);
  }

  #output(bytes: number): void {
    this.reading.outputBytes += bytes;
    if (this.#hasOutput) return;
    this.#hasOutput = true;
    this.onFirstOutput();
  }
}
