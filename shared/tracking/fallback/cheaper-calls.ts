import { isAnyLess } from '../../limits/policies/units.ts';
import { type FormMembers, formMembers, shortens } from '../../model/request/form-members.ts';
import { forModel } from '../../model/request/openai/for-model.ts';
import type { RequestShape } from '../../model/request/request-shape.ts';
import { boundNanoUsd } from '../../pricing/upper-price.ts';
import type { CallForm } from '../../use-cases/use-case.ts';
import type { Attempt, RequestChanges, TrackedCall } from '../call.ts';
import { priceOptions, soundOf } from '../holds/bound.ts';
import { boundAmounts } from '../holds/call-amounts.ts';

/** A call in a cheaper form. */
export interface CheaperCall {
  shape: RequestShape;
  /** The most tokens of the answer, where it lowers that. */
  maxTokens: number | undefined;
  /** What it changes of the request. */
  members(): FormMembers;
  /** The effort that it lowers the request to; undefined: it keeps its own. */
  effort(): string | undefined;
}

/** More than a model's name and a new member. */
const ADDED_BYTES = 200;

/**
 * The forms of a call in which it may be made instead, in the order in which its use case permits them. Left out are forms that the
 * request does not take, models without a price, models that the access key is not for, and forms that are not cheaper.
 * @param atMs when the call began; ms, UTC
 */
export function cheaperCalls(
  { shape, context }: Pick<TrackedCall, 'shape' | 'context'>,
  { changes, dialect }: Pick<Attempt, 'changes' | 'dialect'>,
  permitted: readonly CallForm[],
  atMs: number,
): CheaperCall[] {
  if (!changes || permitted.length === 0) return [];
  const asked = boundAmounts(shape, atMs);
  return permitted.flatMap((form) => {
    const inFull = withModel(form, shape, changes);
    const changed = inFull && shortened(form, inFull);
    if (!changed || !isAllowed(form, context?.key?.models)) return [];
    if (!hasPrice(changed, atMs)) return [];
    const bound = boundAmounts(changed, atMs);
    if (bound.nanoUsd > asked.nanoUsd || !isAnyLess(bound, asked)) return [];
    let members: FormMembers | undefined;
    const made = () => (members ??= formMembers(form, inFull, dialect.effortAt, (name) => changes.valueAt(name)));
    const effort = () => (dialect.effortAt && dialect.effortAt[0] in made() ? form.effort : undefined);
    return [
      {
        shape: changed,
        maxTokens: changed.maxTokens < inFull.maxTokens ? form.maxTokens : undefined,
        members: made,
        effort,
      },
    ];
  });
}

/** Undefined where another model does not take the request. */
function withModel({ model }: CallForm, asked: RequestShape, changes: RequestChanges): RequestShape | undefined {
  const longer = { ...asked, textBytes: asked.textBytes + ADDED_BYTES };
  const shape = model === undefined ? longer : inModel(model, longer, changes);
  return shape && shape.model !== asked.model && asked.bindsModel ? undefined : shape;
}

/** Undefined where the answer can't be so short. */
function shortened({ maxTokens }: CallForm, shape: RequestShape): RequestShape | undefined {
  if (maxTokens === undefined || !shortens(shape, maxTokens)) return shape;
  const { name, times, rest, least = 1 } = shape.output;
  // A budget of thinking bounds such an answer, and the provider refuses one that is not below the maximum.
  if (name === 'thinking.budget_tokens' || maxTokens < least) return undefined;
  return { ...shape, maxTokens: times * maxTokens + rest };
}

/** The model behind a deployment decides; it is known once the shape is priced. */
function inModel(name: string, asked: RequestShape, { priced, valueAt }: RequestChanges): RequestShape | undefined {
  const shape = priced({ ...asked, model: name });
  const namesMaximum = asked.output.name.split(', ').some((member) => (valueAt(member) ?? null) !== null);
  return shape && forModel(shape, shape.model, namesMaximum);
}

function hasPrice(shape: RequestShape, atMs: number): boolean {
  const { model, soundTokens: promptTokens } = shape;
  const call = { model, atMs, promptTokens, outputTokens: 1, ...soundOf(shape, promptTokens) };
  return boundNanoUsd(call, priceOptions(shape)) !== null;
}

const isAllowed = ({ model }: CallForm, models: readonly string[] | undefined): boolean =>
  model === undefined || models === undefined || models.includes(model);
