import type { HoldRequest, ServerToolsBound } from '../../limits/gate/gate.ts';
import type { RequestShape } from '../../model/request/request-shape.ts';
import { pricedModel } from '../../pricing/price-book.ts';
import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Attempt, TrackedCall } from '../call.ts';
import { resourceOf } from '../resource.ts';
import { boundsItself } from './bound.ts';
import { boundAmounts, certainAmounts, turnAmounts } from './call-amounts.ts';
import { callKind } from './call-kind.ts';
import { explainBound } from './explain-bound.ts';

/** About ten pages of a web search. */
const USUAL_RESULT_TOKENS = 25_000;

/** What the gate is asked for before a call's first attempt: the cheap bound, and how a closer one is found (L3). */
export function holdRequestOf(
  { shape, context, useCase }: TrackedCall,
  attempt: Pick<Attempt, 'dialect' | 'countTokens'>,
  eventId: string,
  startedMs: number,
  telemetry: Telemetry,
): HoldRequest {
  let countedTokens: number | undefined;
  const request: HoldRequest = {
    useCaseName: useCase.name,
    occurredAtMs: startedMs,
    bound: boundAmounts(shape, startedMs),
    eventId,
    category: attempt.dialect.category,
    resource: resourceOf(shape.model),
    useCaseId: useCase.id,
    models: limitedModels([shape.model, ...shape.others.map(({ model }) => model)]),
    explain: (unit, left, tools) => explainBound(shape, { unit, atMs: startedMs, left, countedTokens, tools }),
  };
  if (useCase.version !== undefined) request.version = useCase.version;
  if (context) request.properties = { ...context.useCaseProperties, ...context.requestProperties };
  if (context?.userId !== undefined) request.userId = context.userId;
  if (context?.accountName !== undefined) request.accountName = context.accountName;
  if (context?.key !== undefined) request.keyName = context.key.name;
  const ask = tokenCount(shape, attempt, telemetry);
  const count = ask && (async () => (countedTokens = await ask()));
  if (shape.unknown !== undefined) request.unboundedBy = shape.unknown;
  const isBounded = boundsItself(shape) || shape.unknown !== undefined;
  const serverTools = isBounded ? undefined : serverToolsBound(shape, startedMs, count);
  if (serverTools) request.serverTools = serverTools;
  else if (count && boundsItself(shape)) request.exactBound = async () => boundAmounts(shape, startedMs, await count());
  return request;
}

/** Models as limits go by them: by their names in the price list, so that another name of a model has the same limits. */
export const limitedModels = (names: readonly string[]): string[] => [
  ...new Set(names.map((name) => pricedModel(name) ?? 'other')),
];

/** Absent where nothing can be learned of the tools: then the context window of each turn is held. */
function serverToolsBound(
  shape: RequestShape,
  atMs: number,
  count: (() => Promise<number | undefined>) | undefined,
): ServerToolsBound | undefined {
  const kind = callKind(shape);
  if (kind === undefined) return undefined;
  const bound: ServerToolsBound = {
    kind,
    certain: certainAmounts(shape, atMs),
    turn: turnAmounts(shape, atMs, USUAL_RESULT_TOKENS),
    isStream: shape.stream,
  };
  if (count) bound.exactCertain = async () => certainAmounts(shape, atMs, await count());
  return bound;
}

/** Counts the tokens of the prompt, where a count sees all of it. Undefined when the provider did not count. */
function tokenCount({ countable }: RequestShape, { countTokens }: Pick<Attempt, 'countTokens'>, telemetry: Telemetry) {
  if (!countTokens || !countable) return undefined;
  return () =>
    countTokens().catch((error: unknown) => {
      telemetry.warn('token-count-failed', describeError(error));
      return undefined;
    });
}
