import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countedBody } from '../../shared/gateways/anthropic/counted-body.ts';
import { readers } from '../../shared/gateways/reading/readers.ts';
import { countedMembers, countTokensBody } from '../../shared/model/request/count-tokens.ts';
import { BodyInPieces } from '../../shared/util/bytes/body-in-pieces.ts';

test.each([0, 1, 262_144, 1_000_000])('%i bytes are sent with their length, in small pieces', (length) => {
  const bytes = new Uint8Array(length).map((_, index) => index % 251);
  const parts = [bytes.subarray(0, 3), bytes.subarray(3), new Uint8Array(0)];
  const body = new BodyInPieces(parts);
  expect(body.size).toBe(length);
  expect(Buffer.compare(Buffer.concat([...body]), bytes)).toBe(0);
  // A second time, as when a request is signed and sent.
  for (const piece of body) expect(piece.byteLength).toBeLessThanOrEqual(262_144);
});

test('the body that counts tokens has the members of the request that counting takes', () => {
  const member = fc.oneof(fc.constantFrom(...countedMembers), fc.string());
  const body = fc.dictionary(member, fc.jsonValue()).filter((given) => !('thread' in given || 'headers' in given));
  fc.assert(
    fc.property(body, fc.boolean(), (given, spaced) => {
      const bytes = Buffer.from(JSON.stringify(given, undefined, spaced ? 2 : 0));
      const counted = Buffer.concat(countedBody(bytes, readers.messages(bytes, {}).counted)).toString();
      expect(JSON.parse(counted)).toEqual(JSON.parse(countTokensBody(JSON.parse(bytes.toString()))));
    }),
  );
});
