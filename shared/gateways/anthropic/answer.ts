import type { HttpAnswer } from '../../http/answer.ts';
import { passAnswer } from '../pass-answer.ts';
import { errorEvent } from './errors.ts';
import { answerHeaders } from './upstream.ts';

/**
 * The provider's answer to a caller, byte for byte.
 * @param own headers that it gets from us
 * @param comment the last comment of a stream
 */
export const answerOfProvider = (
  answer: Response,
  own: Record<string, string>,
  requestId: string,
  comment?: () => string,
): Promise<HttpAnswer> =>
  passAnswer(
    answer,
    { 'request-id': requestId, ...answerHeaders(answer.headers), ...own },
    { errorEvent: errorEvent(requestId), comment },
  );
