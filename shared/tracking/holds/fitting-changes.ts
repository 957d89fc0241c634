import type { FittingChange } from '../../limits/policies/explanation.ts';
import type { RequestShape } from '../../model/request/request-shape.ts';

/** More than the name and the value of a member that the request does not have yet. */
const ADDED_MEMBER_BYTES = 100;

/**
 * The changes of a request each of which brings its bound down to what is left, in the limit's unit: a member left out, or a shorter answer.
 * `boundOf`: the bound of a changed shape.
 */
export function fittingChanges(
  shape: RequestShape,
  left: bigint,
  boundOf: (changed: RequestShape) => bigint,
): FittingChange[] {
  const fits = (changed: Partial<RequestShape>) => boundOf({ ...shape, ...changed }) <= left;
  const leftOut = removals(shape)
    .filter(({ changed }) => fits(changed))
    .map(({ member }) => ({ member, change: 'leave_out' as const }));
  const { name, times, rest, least = 1 } = shape.output;
  // A member that is added is text of the request, too.
  const textBytes = shape.textBytes + (shape.bytesByMember.has(name.split(/[.,]/)[0] ?? '') ? 0 : ADDED_MEMBER_BYTES);
  const most = mostOutput(shape.maxTokens, (maxTokens) => fits({ maxTokens, textBytes }));
  const value = Math.floor((most - rest) / times);
  return [...(value >= least ? [{ member: name, change: 'at_most' as const, value }] : []), ...leftOut];
}

function removals(shape: RequestShape): { member: string; changed: Partial<RequestShape> }[] {
  const { opaqueBy, serverTools, others, compactsBy, unknown } = shape;
  const all: { member: string; changed: Partial<RequestShape> }[] = [];
  // What has no rule may be anything; so may what else there is of the same kind.
  if (opaqueBy.length > 0 && unknown === undefined)
    all.push({ member: opaqueBy.join(', '), changed: { opaqueBy: [] } });
  if (serverTools.length > 0) {
    const changed = { serverTools: [], webSearches: 0, others: others.filter(({ member }) => member !== 'tools') };
    all.push({ member: serverTools.join(', '), changed });
  }
  if (others.some(({ member }) => member === 'fallbacks'))
    all.push({ member: 'fallbacks', changed: { others: others.filter(({ member }) => member !== 'fallbacks') } });
  if (compactsBy !== undefined) all.push({ member: compactsBy, changed: { compactsBy: undefined } });
  return all;
}

/** The longest answer that fits, in tokens; 0 where none does or a shorter one is not needed. */
function mostOutput(maxTokens: number, fits: (maxTokens: number) => boolean): number {
  if (maxTokens <= 1 || !fits(1)) return 0;
  let most = 1;
  let tooMany = maxTokens;
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (fits(middle)) most = middle;
    else tooMany = middle;
  }
  return most;
}
