import { asModelId } from '../model-id.ts';
import { type SseEvent, SseReader } from './sse-reader.ts';
import { ToolTurns } from './tool-turns.ts';
import { emptyUsage, mergeUsage, type Usage } from './usage.ts';

/** What metering needs to know of an answer. No text of it. */
export interface AnswerReading {
  id: string | undefined;
  /** The model that answered, as the provider names it. */
  model: string | undefined;
  usage: Usage;
  /** The provider's totals came. False: `usage` holds at most what the first event said. */
  complete: boolean;
  /** UTF-8 bytes of the output received so far, for an estimate where the totals never come. */
  outputBytes: number;
  /** What turns of server tools add while the answer passes; streams only. */
  turns?: ToolTurns;
  /** The provider reported an error inside a stream that began with status 200. */
  failed: boolean;
}

export const emptyReading = (): AnswerReading => ({
  id: undefined,
  model: undefined,
  usage: emptyUsage,
  complete: false,
  outputBytes: 0,
  failed: false,
});

/** Reads a whole answer of the Messages API. A body that is not such an answer gives an empty reading. */
export function readMessage(body: unknown): AnswerReading {
  const reading = emptyReading();
  if (typeof body !== 'object' || body === null || !('usage' in body)) return reading;
  const { id, model, usage } = body as Record<string, unknown>;
  reading.id = typeof id === 'string' && id !== '' ? id : undefined;
  reading.usage = mergeUsage(emptyUsage, usage);
  reading.model = reading.usage.servedBy ?? asModelId(model);
  reading.complete = reading.usage.output !== null;
  return reading;
}

/** What other models used for the same request, each as a reading of its own. */
export const otherReadings = ({ usage }: AnswerReading): AnswerReading[] =>
  usage.others.map(({ model, ...counts }) => ({
    ...emptyReading(),
    model,
    usage: { ...usage, ...counts, webSearches: null, servedBy: null, others: [] },
    complete: true,
  }));

/** The JSON around the text of a delta event, in bytes. */
const DELTA_FRAME_BYTES = 80;

/** Reads a streamed answer of the Messages API while it passes. */
export class MessageStreamReading {
  readonly reading = emptyReading();
  /** Called once, at the first output. */
  onFirstOutput: () => void = () => {};
  #sse = new SseReader((event) => this.#event(event));
  #stopAt: number | undefined;
  #started = false;

  /** @returns how many bytes of the chunk come before the event that ends the answer; all of them where it is not in it. */
  feed(chunk: Uint8Array): number {
    this.#stopAt = undefined;
    this.#sse.feed(chunk);
    return this.#stopAt ?? chunk.length;
  }

  #event(event: SseEvent): void {
    switch (event.name) {
      case 'content_block_delta':
        this.#firstOutput();
        this.reading.outputBytes += Math.max(0, event.dataBytes - DELTA_FRAME_BYTES);
        return;
      case 'content_block_start':
        this.#firstOutput();
        this.#block(parse(event)['content_block'], event.dataBytes);
        return;
      case 'message_start':
        this.#start(parse(event));
        return;
      case 'message_delta': {
        const usage = mergeUsage(this.reading.usage, parse(event)['usage']);
        this.reading.usage = usage;
        this.reading.complete = usage.output !== null;
        // The first event names the model that was asked.
        if (usage.servedBy !== null) this.reading.model = usage.servedBy;
        return;
      }
      case 'error':
        this.reading.failed = true;
        this.#stopAt ??= event.start;
        return;
      case 'message_stop':
        this.#stopAt ??= event.start;
    }
  }

  #start(event: Record<string, unknown>): void {
    const { id, model, usage } = readMessage(event['message']);
    this.reading.id = id;
    this.reading.model = model;
    this.reading.usage = usage;
    this.reading.turns = new ToolTurns(usage);
  }

  #block(block: unknown, bytes: number): void {
    if (typeof block !== 'object' || block === null) return;
    this.reading.turns ??= new ToolTurns(this.reading.usage);
    this.reading.turns.block(block as Record<string, unknown>, bytes, this.reading.outputBytes);
  }

  #firstOutput(): void {
    if (this.#started) return;
    this.#started = true;
    this.onFirstOutput();
  }
}

/** An event whose data is not a JSON object says nothing to us; it passes all the same. */
function parse(event: SseEvent): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(event.data());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
