import { invalidField } from '../errors/request-errors.ts';

/** Visible ASCII without spaces, so that a header that came twice, joined by a comma and a space, is refused. */
const form = /^[\x21-\x7e]{1,255}$/;

/**
 * The `Idempotency-Key` of a request; undefined without one. The Internet-Draft has it in quotes, and most clients send it bare:
 * both name the same key.
 * @throws RequestError 400 when it is empty, longer than 255 characters or has others than visible ASCII.
 */
export function idempotencyKeyOf(headers: Headers): string | undefined {
  const given = headers.get('idempotency-key');
  if (given === null) return undefined;
  const key = /^"(.*)"$/.exec(given)?.[1] ?? given;
  if (!form.test(key))
    throw invalidField('Idempotency-Key', 'must be 1 to 255 visible ASCII characters without spaces');
  return key;
}
