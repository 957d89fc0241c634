import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GrowingBytes } from '../../shared/util/bytes/growing-bytes.ts';

test('whatever the pieces, they are held in order; where they are more than may be held, only their number is', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 30 });
  fc.assert(
    fc.property(pieces, fc.nat(600), fc.nat(100), (pieces, most, room) => {
      const bytes = new GrowingBytes(Math.min(room, most));
      for (const piece of pieces) bytes.add(piece, most);
      const all = Buffer.concat(pieces);
      expect(bytes.size).toBe(all.byteLength);
      expect(Buffer.from(bytes.held)).toEqual(all.byteLength > most ? Buffer.alloc(0) : all);
      expect(bytes.held.buffer.byteLength).toBeLessThanOrEqual(most);
    }),
  );
});

test('what was expected is an array of its own, which can move to a thread', () => {
  const bytes = new GrowingBytes(100);
  bytes.add(new Uint8Array(100), 1_000);
  expect(bytes.held.buffer.byteLength).toBe(100);
});
