import { countedMembers } from '../../model/request/count-tokens.ts';
import type { FormMembers } from '../../model/request/form-members.ts';
import type { MemberSpan } from '../../util/json/json-faults.ts';

/** Where the members of a Messages request stand that count_tokens takes, by name. */
export type CountedMembers = readonly (readonly [name: string, MemberSpan])[];

/**
 * The parts of the body that counts the tokens of a Messages request, without a copy of its bytes.
 * @param changed members that a cheaper form has in place of those of the request
 */
export function countedBody(bytes: Uint8Array, members: CountedMembers, changed: FormMembers = {}): Uint8Array[] {
  const added = Object.entries(changed).filter(([name]) => countedMembers.includes(name));
  const kept = members.filter(([name]) => !(name in changed));
  const values: [string, Uint8Array][] = [
    ...added.map(([name, value]): [string, Uint8Array] => [name, Buffer.from(JSON.stringify(value))]),
    ...kept.map(([name, { start, end }]): [string, Uint8Array] => [name, bytes.subarray(start, end)]),
  ];
  return [
    ...values.flatMap(([name, value], index) => [Buffer.from(`${index === 0 ? '{' : ','}"${name}":`), value]),
    Buffer.from(values.length === 0 ? '{}' : '}'),
  ];
}
