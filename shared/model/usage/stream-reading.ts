import { isRecord } from '../../util/json/record.ts';
import { asModelId } from '../model-id.ts';
import { AnswerEvents } from './answer-events.ts';
import { type AnswerReading, emptyReading, isComplete, noteBlock, saysOutput } from './answer-reading.ts';
import type { SseEvent } from './sse-reader.ts';
import { ToolTurns } from './tool-turns.ts';
import { emptyUsage, mergeUsage } from './usage.ts';

/** Reads a streamed answer while it passes. */
export interface StreamReading {
  /** What is known so far. */
  readonly reading: AnswerReading;
  /** Called once, at the first output. */
  onFirstOutput: () => void;
  /**
   * @returns how many bytes of the chunk come before the event that ends the answer; all of them where it is not in it, none of
   * what follows the end, unless the answer goes on.
   */
  feed(chunk: Uint8Array): number;
  /** Called once, when no chunk comes any more: what of them could not be read counts, where the totals did not come. */
  finish(): void;
}

/** The JSON around the text of a delta event, in bytes. */
const DELTA_FRAME_BYTES = 80;

/** Reads a streamed answer of the Messages API while it passes. */
export class MessageStreamReading implements StreamReading {
  /** The message that is passing; one after the other where a gateway has joined several. */
  reading: AnswerReading = emptyReading();
  onFirstOutput: () => void = () => {};
  readonly #events = new AnswerEvents((event) => this.#event(event));
  #started = false;
  #hasMessage = false;
  /** Output after the last count belongs to no count. */
  #isCounted = false;

  feed(chunk: Uint8Array): number {
    return this.#events.feed(chunk);
  }

  finish(): void {
    this.#events.finish(this.reading);
  }

  #event(event: SseEvent): void {
    const name = nameOf(event);
    switch (name) {
      case 'content_block_delta':
        this.#output(Math.max(0, event.dataBytes - DELTA_FRAME_BYTES));
        return;
      case 'content_block_start':
        this.#output(0);
        noteBlock(this.reading, parseEvent(event)['content_block'], Math.max(0, event.dataBytes - DELTA_FRAME_BYTES));
        return;
      case 'message_start':
        this.#start(parseEvent(event)['message']);
        return;
      case 'message_delta':
        this.#count(parseEvent(event)['usage']);
        return;
      case 'error':
        this.reading.failed = true;
        this.#events.stop(event);
        return;
      case 'message_stop':
        this.#events.stop(event);
        return;
      case UNREADABLE:
        // It may have been output.
        this.#output(event.dataBytes);
    }
  }

  #start(message: unknown): void {
    if (this.#hasMessage) {
      this.reading = { ...emptyReading(), earlier: [...(this.reading.earlier ?? []), this.reading] };
      this.#events.goOn();
    }
    this.#hasMessage = true;
    this.#isCounted = false;
    const { id, model, usage } = isRecord(message) ? message : {};
    this.reading.id = typeof id === 'string' && id !== '' ? id : undefined;
    this.reading.usage = mergeUsage(emptyUsage, usage);
    this.reading.model = this.reading.usage.servedBy ?? asModelId(model);
    this.reading.turns = new ToolTurns(this.reading.usage);
  }

  #count(given: unknown): void {
    const usage = mergeUsage(this.reading.usage, given);
    this.reading.usage = usage;
    if (saysOutput(given)) this.#isCounted = true;
    this.reading.complete = this.#isCounted && isComplete(usage);
    // The first event names the model that was asked.
    if (usage.servedBy !== null) this.reading.model = usage.servedBy;
  }

  #output(bytes: number): void {
    this.reading.outputBytes += bytes;
    this.#isCounted = false;
    this.reading.complete = false;
    if (this.#started) return;
    this.#started = true;
    this.onFirstOutput();
  }
}

/** Stands for the name of an event whose data would say it and cannot be read. */
const UNREADABLE = '';

/** Some providers send events without names; the type in the data is the same. */
function nameOf(event: SseEvent): unknown {
  if (event.name !== '' && event.name !== 'message') return event.name;
  const data = readEvent(event);
  return data === undefined ? UNREADABLE : data['type'];
}

const parseEvent = (event: SseEvent): Record<string, unknown> => readEvent(event) ?? {};

/**
 * The data of an event; empty where it is not an object, which says nothing to us and passes all the same.
 * @returns undefined for what is not JSON: cut, garbage, or too large to be kept
 */
export function readEvent(event: SseEvent): Record<string, unknown> | undefined {
  const text = event.data();
  // Some gateways end every stream as OpenAI's API ends its own.
  if (text === '[DONE]' || event.dataBytes === 0) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return undefined;
  }
}
