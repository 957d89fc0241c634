import { invalidField } from '../../errors/request-errors.ts';

/** What the provider keeps may be another caller's, and is not in the request that would bound it. */
const kept = ['previous_response_id', 'conversation', 'prompt'];

/** @throws RequestError 400 for a request that continues what the provider keeps, or is answered later */
export function refuseKept(body: unknown): void {
  const members = Object(body) as Record<string, unknown>;
  const found = kept.find((name) => (members[name] ?? null) !== null);
  if (found) throw invalidField(found, 'is not supported here: send the whole conversation in input');
  if (members['background'] === true) throw invalidField('background', 'must not be true here');
}
