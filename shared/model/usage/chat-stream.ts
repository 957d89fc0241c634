import { AnswerEvents } from './answer-events.ts';
import { type AnswerReading, emptyReading, isComplete } from './answer-reading.ts';
import { isError, noteNames } from './chat-usage.ts';
import { chatNames, fieldsOf, readOpenAiUsage } from './openai-usage.ts';
import type { SseEvent } from './sse-reader.ts';
import { readEvent, type StreamReading } from './stream-reading.ts';

/** Reads a streamed chat completion while it passes. Its usage comes in its last chunk, from some providers in each. */
export class ChatStreamReading implements StreamReading {
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
    if (event.data() === '[DONE]') {
      this.reading.ended = true;
      this.#events.stop(event);
      return;
    }
    const chunk = readEvent(event);
    if (!chunk) {
      this.#count(event.dataBytes);
      return;
    }
    noteNames(this.reading, chunk);
    if (isError(chunk)) {
      this.reading.failed = true;
      this.#events.stop(event);
      return;
    }
    if (Array.isArray(chunk['choices'])) for (const choice of chunk['choices']) this.#output(fieldsOf(choice)['delta']);
    const { usage } = chunk;
    if (typeof usage !== 'object' || usage === null) return;
    const said = readOpenAiUsage(usage, chatNames, chunk['service_tier']);
    // One without counts says nothing about those that came before.
    if (said.input === null && said.output === null) return;
    this.reading.usage = said;
    this.reading.complete = isComplete(said);
  }

  #output(delta: unknown): void {
    const { role: _role, audio, ...parts } = fieldsOf(delta);
    const { id: _id, data, ...spoken } = fieldsOf(audio);
    const sound = typeof data === 'string' ? Math.ceil((data.length * 3) / 4) : 0;
    const bytes = textBytes(parts) + textBytes(spoken);
    if (bytes + sound === 0) return;
    if (sound > 0) this.reading.soundBytes = (this.reading.soundBytes ?? 0) + sound;
    this.#count(bytes);
  }

  /** Output has passed, or what may be output and cannot be read. */
  #count(bytes: number): void {
    this.reading.outputBytes += bytes;
    this.reading.complete = false;
    if (this.#hasOutput) return;
    this.#hasOutput = true;
    this.onFirstOutput();
  }
}

/** UTF-8 bytes of all texts of a part of an answer. */
export function textBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, one) => sum + textBytes(one), 0);
}
