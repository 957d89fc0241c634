import { z } from 'zod';
import { invalidField } from '../../errors/request-errors.ts';
import type { RowPlace } from './usage-query.ts';

/** Where a page ended, as a text for a URL. */
export const cursorOf = (place: RowPlace): string => Buffer.from(JSON.stringify(place)).toString('base64url');

/** @param length parts of a place of the query @throws RequestError 400 */
export function placeOfCursor(cursor: string, length: number): RowPlace {
  const wrong = () => invalidField('cursor', 'must be `next` of an answer to the same query');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (error) {
    if (error instanceof SyntaxError) throw wrong();
    throw error;
  }
  const place = z.array(z.string()).length(length).safeParse(value);
  if (!place.success) throw wrong();
  return place.data;
}
