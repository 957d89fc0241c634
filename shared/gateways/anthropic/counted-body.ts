import type { MemberSpan } from '../../util/json/json-faults.ts';

/** Where the members of a Messages request stand that count_tokens takes, by name. */
export type CountedMembers = readonly (readonly [name: string, MemberSpan])[];

/** The parts of the body that counts the tokens of a Messages request, without a copy of its bytes. */
export const countedBody = (bytes: Uint8Array, members: CountedMembers): Uint8Array[] => [
  ...members.flatMap(([name, { start, end }], index) => [
    Buffer.from(`${index === 0 ? '{' : ','}"${name}":`),
    bytes.subarray(start, end),
  ]),
  Buffer.from(members.length === 0 ? '{}' : '}'),
];
