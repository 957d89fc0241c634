import { randomUUID } from 'node:crypto';
import type { Sequence } from '../stores/sequence.ts';
import { Refusal } from './api-error.ts';
import { type Answer, ok, type Request } from './http.ts';

const USUAL_SIZE = 100;
const LARGEST_SIZE = 10_000;

/** The page of a list that the query asks for: `cursor`, `limit`, `sort_ascending` (default: in order of creation). */
export function pageOf<T>(
  request: Request,
  all: Pick<Sequence<T>, 'length' | 'at'>,
  shown: (item: T) => unknown,
): Answer {
  const size = pageSize(request.query.get('limit'));
  const start = readCursor(request.query.get('cursor'));
  const down = request.query.get('sort_ascending')?.toLowerCase() === 'false';
  const items: unknown[] = [];
  for (let at = start; at < Math.min(start + size, all.length); at += 1) {
    const item = all.at(down ? all.length - 1 - at : at);
    if (item !== undefined) items.push(shown(item));
  }
  const next = start + items.length;
  return ok({ request_id: randomUUID(), cursor: next < all.length ? writeCursor(next) : null, items });
}

function pageSize(text: string | null): number {
  const size = text === null ? USUAL_SIZE : Number(text);
  if (!Number.isInteger(size) || size < 1) throw new Refusal(400, 'request_processing_error', 'limit is not a number.');
  return Math.min(size, LARGEST_SIZE);
}

const writeCursor = (at: number): string => Buffer.from(`at:${at}`).toString('base64url');

function readCursor(text: string | null): number {
  if (!text) return 0;
  const at = /^at:(\d{1,12})$/.exec(Buffer.from(text, 'base64url').toString())?.[1];
  if (at === undefined) throw new Refusal(400, 'request_processing_error', 'The cursor is unknown.');
  return Number(at);
}
