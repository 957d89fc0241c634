import { isRecord } from '../../util/json/record.ts';
import { asModelId } from '../model-id.ts';
import { readCount } from './count.ts';
import { ToolTurns } from './tool-turns.ts';
import { emptyUsage, mergeUsage, type Usage } from './usage.ts';

/** What metering needs to know of an answer. No text of it. */
export interface AnswerReading {
  id: string | undefined;
  /** The model that answered, as the provider names it. */
  model: string | undefined;
  usage: Usage;
  /** The provider's totals came and can be read. False: `usage` holds at most what was said so far. */
  complete: boolean;
  /** The answer says that it came to its end, with totals or without. */
  ended?: boolean;
  /** UTF-8 bytes of the output received so far, for an estimate where the totals never come. */
  outputBytes: number;
  /** Bytes of sound received so far, which are not in `outputBytes`. */
  soundBytes?: number;
  /** Web searches that the answer shows. */
  searches: number;
  /** What turns of server tools add to the input, where an answer shows them and its totals did not come yet. */
  turns?: ToolTurns;
  /** Messages that ended before this one in the same body. */
  earlier?: AnswerReading[];
  /** The provider reported an error in an answer with status 200. */
  failed: boolean;
}

export const emptyReading = (): AnswerReading => ({
  id: undefined,
  model: undefined,
  usage: emptyUsage,
  complete: false,
  outputBytes: 0,
  searches: 0,
  failed: false,
});

/** What is known of an answer whose text cannot be read: it has at most this many bytes of output. */
export const unreadableAnswer = (bytes: number): AnswerReading => ({ ...emptyReading(), outputBytes: bytes });

/** Reads a whole answer of the Messages API. Any other body gives a reading that is not complete. */
export function readMessage(body: unknown): AnswerReading {
  const reading = emptyReading();
  if (!isRecord(body)) return unreadableAnswer(bytesOf(body));
  const { id, model, usage, content, type } = body;
  reading.id = typeof id === 'string' && id !== '' ? id : undefined;
  reading.usage = mergeUsage(emptyUsage, usage);
  reading.model = reading.usage.servedBy ?? asModelId(model);
  reading.failed = type === 'error';
  reading.complete = isComplete(reading.usage);
  if (!reading.complete) for (const block of Array.isArray(content) ? content : [content]) noteBlock(reading, block);
  return reading;
}

/** Input and output are said, and nothing that is charged is unreadable. */
export const isComplete = ({ input, output, unreadable }: Usage): boolean =>
  input !== null && output !== null && unreadable.length === 0;

/** Counts a block of an answer, for an estimate. @param bytes of its text and JSON */
export function noteBlock(reading: AnswerReading, block: unknown, bytes = bytesOf(block)): void {
  const fields = isRecord(block) ? block : {};
  if (fields['type'] === 'server_tool_use' && fields['name'] === 'web_search') reading.searches += 1;
  reading.turns ??= new ToolTurns(reading.usage);
  reading.turns.block(fields, bytes, reading.outputBytes);
  if (!String(fields['type']).endsWith('_tool_result')) reading.outputBytes += bytes;
}

/** What was charged apart for the same request, each as a reading of its own: messages before this one, and other models. */
export function otherReadings(reading: AnswerReading): AnswerReading[] {
  const { earlier = [] } = reading;
  const ids = [reading, ...earlier].map(({ id }) => id);
  return [
    // Pay-i takes two events with one id for the same.
    ...earlier.map((one, place) => ({ ...one, id: ids.indexOf(one.id) === place + 1 ? one.id : undefined })),
    ...[...earlier, reading].flatMap(ofOtherModels).reverse(),
  ];
}

const ofOtherModels = ({ usage }: AnswerReading): AnswerReading[] =>
  usage.others.map(({ model, readable, ...counts }) => ({
    ...emptyReading(),
    model,
    usage: {
      ...usage,
      ...counts,
      webSearches: null,
      servedBy: null,
      others: [],
      unreadable: readable ? [] : ['input' as const],
    },
    complete: readable,
  }));

/** Whether a `usage` says how much was answered. */
export const saysOutput = (usage: unknown): boolean => isRecord(usage) && readCount(usage['output_tokens']) !== null;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');
