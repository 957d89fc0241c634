import type { Typed } from 'rhea';
import { plain } from '../amqp/typed.ts';
import { uuidToToken } from '../queue/lock-token.ts';

/** The members of a request's body. */
export type Fields = Map<string, Typed>;

export function tokensOf(fields: Fields): string[] | undefined {
  const uuids = plain(fields.get('lock-tokens'));
  const tokens = Array.isArray(uuids) ? uuids.map(uuidToToken) : [];
  return tokens.length > 0 && tokens.every((token) => token !== undefined) ? tokens : undefined;
}

export function sequenceNumbers(fields: Fields): number[] | undefined {
  const numbers = plain(fields.get('sequence-numbers'));
  // A long beyond 2^53 comes as bytes: no message has such a number.
  return Array.isArray(numbers) && numbers.length > 0
    ? numbers.map((each) => (typeof each === 'number' ? each : -1))
    : undefined;
}

export function number(fields: Fields, name: string): number | undefined {
  const value = plain(fields.get(name));
  return typeof value === 'number' ? value : undefined;
}

export function text(fields: Fields, name: string): string | undefined {
  const value = plain(fields.get(name));
  return typeof value === 'string' ? value : undefined;
}
