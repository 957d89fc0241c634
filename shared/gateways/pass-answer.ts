import type { HttpAnswer } from '../http/answer.ts';
import type { ByteReader } from '../util/fetch/byte-reader.ts';
import { readerOf } from '../util/fetch/replaced-body.ts';
import { checkedAnswer, wholeAnswer } from './ask-provider.ts';
import { endingWell, type StreamEnding } from './stream-end.ts';

/**
 * A provider's answer to the client, byte for byte.
 * @param headers those that it gets in place of the provider's
 * @param strip takes out of a stream what only we asked for
 * @throws TrailmeterError 502 where the provider refused our key, and as `wholeAnswer`
 */
export async function passAnswer(
  answer: Response,
  headers: Record<string, string>,
  ending: StreamEnding,
  strip: (source: ByteReader) => ByteReader = (source) => source,
): Promise<HttpAnswer> {
  const { status } = checkedAnswer(answer);
  const isEventStream = answer.headers.get('content-type')?.startsWith('text/event-stream');
  const source = isEventStream ? readerOf(answer) : undefined;
  if (source) return { status, headers, body: endingWell(strip(source), ending) };
  return { status, headers, body: new Uint8Array(await wholeAnswer(answer)) };
}
