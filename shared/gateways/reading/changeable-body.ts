import type { FormMembers } from '../../model/request/form-members.ts';
import type { BodyEdit } from '../../util/bytes/body-edit.ts';
import type { MemberSpan } from '../../util/json/json-faults.ts';

/** Members that a cheaper form of a call changes. */
const changedMembers = [
  ...['model', 'max_tokens', 'max_completion_tokens', 'max_output_tokens'],
  ...['output_config', 'reasoning', 'reasoning_effort'],
];

/** Where a body can be changed. */
export interface ChangeableBody {
  /** Where its first member begins. */
  begin: number;
  members: readonly (readonly [name: string, MemberSpan])[];
}

export const changeableBody = (spans: ReadonlyMap<string, MemberSpan>): ChangeableBody => ({
  begin: Math.min(...[...spans.values()].map(({ nameStart }) => nameStart)),
  members: [...spans].filter(([name]) => changedMembers.includes(name)),
});

/** A member as the body has it; undefined where it does not have it. */
export function memberOf(bytes: Uint8Array, { members }: ChangeableBody, name: string): unknown {
  const [, span] = members.find(([known]) => known === name) ?? [];
  if (!span) return undefined;
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + span.start, span.end - span.start).toString('utf8'));
}

/** The changes that give a body these members in place of its own. */
export const formEdits = ({ begin, members }: ChangeableBody, changed: FormMembers = {}): BodyEdit[] =>
  Object.entries(changed).map(([name, value]) => {
    const text = JSON.stringify(value);
    const [, span] = members.find(([known]) => known === name) ?? [];
    if (span) return { start: span.start, end: span.end, text };
    return { start: begin, end: begin, text: `${JSON.stringify(name)}:${text},` };
  });
