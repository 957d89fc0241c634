import { fallbackResponseId, type Outcome, type Units, type UsageEvent } from '../events/usage-event.ts';
import type { Hold } from '../limits/gate/gate.ts';
import { estimateTextTokens, type RequestShape } from '../model/request/request-shape.ts';
import type { AnswerReading } from '../model/usage/answer-reading.ts';
import { priceModifiers, toUnits } from '../model/usage/usage.ts';
import { priceUnits } from '../pricing/price-units.ts';
import type { Attempt, TrackedCall } from './call.ts';
import type { CallReport } from './context.ts';
import { toolUsage, withToolTurns } from './tool-cost.ts';

/** Pay-i's own SDK's status where a provider gave none. */
export const NO_STATUS = 299;
const HIGHEST_STATUS = 599;
/** A received text of this many bytes is taken for one token; newer tokenizers make more of a text than four would. */
const OUTPUT_BYTES_PER_TOKEN = 3;
const TOKENS_PER_IMAGE = 1_568;

/** Units of an attempt, and whether they are partly our own estimate because the provider's totals never came. */
function unitsOf(reading: AnswerReading | undefined, shape: RequestShape): { units: Units; estimated: boolean } {
  if (!reading) return { units: {}, estimated: false };
  const textTokens = estimateTextTokens(shape.textBytes);
  const options = {
    oneHourCache: shape.oneHourCache,
    ...(shape.images > 0 && { textTokensBesideImages: textTokens }),
  };
  if (reading.complete) return { units: toUnits(reading.usage, options), estimated: false };
  const first = { ...reading.usage, input: reading.usage.input ?? textTokens + shape.images * TOKENS_PER_IMAGE };
  const usage = {
    ...withToolTurns(first, reading.turns),
    output: Math.max(reading.usage.output ?? 0, Math.ceil(reading.outputBytes / OUTPUT_BYTES_PER_TOKEN)),
  };
  return { units: toUnits(usage, options), estimated: true };
}

/** nano-USD of an attempt by the price book; null where unknown. Without units it cost nothing. */
function costOf(
  reading: AnswerReading | undefined,
  startedMs: number,
  units: Units,
  shape: RequestShape,
): bigint | null {
  if (!reading) return 0n;
  const modifiers = priceModifiers(reading.usage);
  const { model } = reading;
  // A model that answers by a name of its own (a deployment, a dated id) may be priced under the requested one.
  const cost = model ? priceUnits({ units, atMs: startedMs, modifiers, model }) : null;
  return cost ?? priceUnits({ units, atMs: startedMs, modifiers, model: shape.model });
}

/** nano-USD of what server tools added to a complete answer; undefined where that is unknown. */
export function toolCostOf(reading: AnswerReading | undefined, startedMs: number, shape: RequestShape) {
  if (!reading?.complete || shape.serverTools.length === 0) return undefined;
  const units = toUnits(toolUsage(reading), { oneHourCache: shape.oneHourCache });
  return costOf(reading, startedMs, units, shape) ?? undefined;
}

/** How one HTTP attempt ended. Times in ms, UTC. */
export interface AttemptFacts {
  call: TrackedCall;
  attempt: Attempt;
  hold: Hold;
  eventId: string;
  startedMs: number;
  endedMs: number;
  firstTokenMs: number | undefined;
  status: number;
  outcome: Outcome;
  /** Absent where the provider did no work that it says or is known to charge for. */
  reading: AnswerReading | undefined;
  /** Absent where the event is not that of the answer itself. */
  answer: Response | undefined;
}

/** The event of an attempt, and what it cost by our prices in nano-USD; null: unknown. */
export interface Used {
  event: UsageEvent;
  cost: bigint | null;
}

export function usedBy(facts: AttemptFacts): Used {
  const { call, attempt, reading, hold, startedMs } = facts;
  const { context } = call;
  const { units, estimated } = unitsOf(reading, call.shape);
  const cost = costOf(reading, startedMs, units, call.shape);
  const requested = call.shape.model || 'unknown';
  // Members that may be absent are set below: this runs once a call, and spreads cost more than all the rest of it.
  const event: UsageEvent = {
    schemaVersion: 1,
    kind: 'usage',
    eventId: facts.eventId,
    occurredAt: new Date(startedMs).toISOString(),
    category: attempt.dialect.category,
    resource: reading?.model ?? requested,
    requestedResource: requested,
    units,
    unitsEstimated: estimated,
    endToEndLatencyMs: Math.max(0, Math.round(facts.endedMs - startedMs)),
    httpStatusCode: facts.status <= HIGHEST_STATUS ? facts.status : NO_STATUS,
    outcome: facts.outcome,
    attempt: attempt.number,
    providerUri: attempt.providerUri,
    providerResponseId: reading?.id ?? requestId(facts.answer) ?? fallbackResponseId(facts.eventId),
    useCase: call.useCase,
    useCaseProperties: context?.useCaseProperties ?? {},
    requestProperties: context?.requestProperties ?? {},
    limitIds: context?.limitIds.length ? [...new Set([...context.limitIds, ...hold.limitIds])] : hold.limitIds,
    kpis: [],
    estimatedCost: cost === null ? null : Number(cost),
    holdIds: [hold.id],
  };
  if (facts.firstTokenMs !== undefined)
    event.timeToFirstTokenMs = Math.max(0, Math.round(facts.firstTokenMs - startedMs));
  if (context?.userId !== undefined) event.userId = context.userId;
  if (context?.accountName !== undefined) event.accountName = context.accountName;
  if (attempt.traceparent !== undefined) event.traceparent = attempt.traceparent;
  return { event, cost };
}

/** The provider's id of the request, for an answer without an id of its own. */
const requestId = (answer: Response | undefined): string | undefined =>
  answer?.headers.get('request-id') ?? answer?.headers.get('x-request-id') ?? undefined;

export const reportOf = ({ event, cost }: Used, hold: Hold): CallReport => ({
  eventId: event.eventId,
  requestedModel: event.requestedResource,
  model: event.resource,
  units: event.units,
  costNanoUsd: cost,
  latencyMs: event.endToEndLatencyMs,
  ...(event.timeToFirstTokenMs !== undefined && { timeToFirstTokenMs: event.timeToFirstTokenMs }),
  httpStatusCode: event.httpStatusCode,
  outcome: event.outcome,
  warnings: hold.warnings,
});
