import { createHash } from 'node:crypto';
import type { Received } from '../events/queued-event.ts';
import type { DeadLetter } from './dead-letter-store.ts';

/**
 * A message that is not an event, kept whole. Nothing keeps a sender from using a message id twice, so the letter's id is made
 * of the text as well: the same message is the same letter however often it comes, and no other takes its place.
 */
export function undecodableDeadLetter(
  { messageId, body }: Pick<Received, 'messageId' | 'body'>,
  why: Pick<DeadLetter, 'source' | 'code' | 'reason' | 'atMs'>,
): DeadLetter {
  const text = textOf(body);
  const digest = createHash('sha256').update(text).digest('base64url').slice(0, 10);
  const { eventId } = (body ?? {}) as { eventId?: unknown };
  const id = ['message', messageId, digest].filter(Boolean).join('-');
  return { ...why, id, state: 'dead', text, ...(typeof eventId === 'string' && { eventId }) };
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  // The SDK leaves what is not JSON as bytes.
  return Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body ?? null);
}
