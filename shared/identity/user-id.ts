import { createHmac } from 'node:crypto';
import { invalidField } from '../errors/request-errors.ts';
import { idProblem } from '../util/id-text.ts';

const MAX_LENGTH = 200;
/** Printable text in one line. */
const printable = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u;

/**
 * A user id as it may be stored and reported: an e-mail address becomes a pseudonym that is the same each time.
 * `key` (setting USER_ID_KEY) keeps others from finding the address by trying all of them.
 * @throws RequestError 400 naming `field` when it is too long or not printable.
 */
export function storableUserId(text: string, key: string | undefined, field: string): string {
  const id = oneLine(text, field);
  if (!id.includes('@')) return id;
  const digest = createHmac('sha256', key ?? 'trailmeter')
    .update(id.toLowerCase())
    .digest('hex');
  return `user-${digest.slice(0, 24)}`;
}

/**
 * The text in one spelling (NFC), trimmed.
 * @throws RequestError 400 naming `field` when it is empty, too long, not printable or not an id (see `idProblem`).
 */
export function oneLine(text: string, field: string): string {
  // One spelling: a name that looks the same must not have limits of its own.
  const trimmed = text.normalize('NFC').trim();
  if (trimmed.length > MAX_LENGTH || !printable.test(trimmed))
    throw invalidField(field, `must be 1 to ${MAX_LENGTH} printable characters`);
  const problem = idProblem(trimmed);
  if (problem !== undefined) throw invalidField(field, problem);
  return trimmed;
}
