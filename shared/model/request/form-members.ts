import type { CallForm } from '../../use-cases/use-case.ts';
import { isRecord } from '../../util/json/record.ts';
import type { RequestShape } from './request-shape.ts';

/** What a cheaper form changes of a request: members of its body, by name. */
export type FormMembers = Readonly<Record<string, unknown>>;

/** Where an API takes the effort of reasoning: a member of the body, or one inside it. */
export type EffortMember = readonly [member: string, within?: string];

/** A body with the members of a form in place of its own. */
export const inForm = (body: unknown, members: FormMembers | undefined): unknown =>
  members ? { ...(isRecord(body) ? body : {}), ...members } : body;

/** All effort that an API knows, from the least. */
const efforts: readonly unknown[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/**
 * What a form changes of a request. A request that asks for a shorter answer or less effort keeps what it asks for.
 * @param valueAt a member of the body; undefined where the request does not have it
 */
export function formMembers(
  { model, maxTokens, effort }: CallForm,
  shape: Pick<RequestShape, 'maxTokens' | 'output'>,
  effortAt: EffortMember | undefined,
  valueAt: (name: string) => unknown,
): FormMembers {
  return {
    ...(model !== undefined && { model }),
    ...(maxTokens !== undefined && shortens(shape, maxTokens) && maximaOf(shape, maxTokens)),
    ...(effort !== undefined && effortAt && lowerEffort(effort, effortAt, valueAt)),
  };
}

/** True where the request, or its API, allows a longer answer than this. */
export const shortens = ({ maxTokens, output }: Pick<RequestShape, 'maxTokens' | 'output'>, most: number): boolean =>
  most < (maxTokens - output.rest) / output.times;

/** A request may set the same maximum by two members. */
const maximaOf = ({ output }: Pick<RequestShape, 'output'>, most: number): Record<string, number> =>
  Object.fromEntries(output.name.split(', ').map((name) => [name, most]));

function lowerEffort(
  effort: NonNullable<CallForm['effort']>,
  [member, within]: EffortMember,
  valueAt: (name: string) => unknown,
): FormMembers {
  const value = valueAt(member);
  const asked = within === undefined ? value : isRecord(value) ? value[within] : undefined;
  const rank = efforts.indexOf(asked);
  if (rank >= 0 && rank <= efforts.indexOf(effort)) return {};
  return { [member]: within === undefined ? effort : { ...(isRecord(value) ? value : {}), [within]: effort } };
}
