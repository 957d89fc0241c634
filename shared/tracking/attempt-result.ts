import type { Hold } from '../limits/gate.ts';
import type { AnswerReading } from '../model/answer-reading.ts';
import { estimateTextTokens, type RequestShape } from '../model/request-shape.ts';
import { priceModifiers, toUnits } from '../model/usage.ts';
import { priceUnits } from '../pricing/price-units.ts';
import type { CallReport, TrackContext } from './context.ts';
import { fallbackResponseId, type Outcome, type Units, type UsageEvent, type UseCaseRef } from '../usage-event.ts';

/** Pay-i's own SDK's status where a provider gave none. */
export const NO_STATUS = 299;
/** A received text of this many bytes is taken for one token; newer tokenizers make more of a text than four would. */
const OUTPUT_BYTES_PER_TOKEN = 3;
const TOKENS_PER_IMAGE = 1_568;

/** How one HTTP attempt ended. Times in ms, UTC. */
export interface AttemptResult {
  eventId: string;
  startedMs: number;
  endedMs: number;
  firstTokenMs: number | undefined;
  status: number;
  outcome: Outcome;
  /** Absent where the provider did no work that it says or is known to charge for. */
  reading: AnswerReading | undefined;
  /** The provider's id of the request, of an answer without an id of its own. */
  requestId: string | undefined;
}

/** Units of an attempt, and whether they are partly our own estimate because the provider's totals never came. */
export function unitsOf(reading: AnswerReading | undefined, shape: RequestShape): { units: Units; estimated: boolean } {
  if (!reading) return { units: {}, estimated: false };
  const textTokens = estimateTextTokens(shape.textBytes);
  const options = {
    oneHourCache: shape.oneHourCache,
    ...(shape.images > 0 && { textTokensBesideImages: textTokens }),
  };
  if (reading.complete) return { units: toUnits(reading.usage, options), estimated: false };
  const usage = {
    ...reading.usage,
    input: reading.usage.input ?? textTokens + shape.images * TOKENS_PER_IMAGE,
    output: Math.max(reading.usage.output ?? 0, Math.ceil(reading.outputBytes / OUTPUT_BYTES_PER_TOKEN)),
  };
  return { units: toUnits(usage, options), estimated: true };
}

/** nano-USD of an attempt by the price book; null where unknown. Without units it cost nothing. */
export function costOf(result: AttemptResult, units: Units, shape: RequestShape): bigint | null {
  if (!result.reading || Object.keys(units).length === 0) return 0n;
  const price = { units, atMs: result.startedMs, modifiers: priceModifiers(result.reading.usage) };
  const { model } = result.reading;
  // A model that answers by a name of its own (a deployment, a dated id) may be priced under the requested one.
  return (model ? priceUnits({ ...price, model }) : null) ?? priceUnits({ ...price, model: shape.model });
}

export interface AttemptFacts {
  result: AttemptResult;
  units: Units;
  unitsEstimated: boolean;
  cost: bigint | null;
  category: string;
  providerUri: string;
  number: number;
  shape: RequestShape;
  context: TrackContext | undefined;
  useCase: UseCaseRef;
  hold: Hold;
  traceparent: string | undefined;
}

export function eventOf(facts: AttemptFacts): UsageEvent {
  const { result, context, cost, hold } = facts;
  const requested = facts.shape.model || 'unknown';
  // Members that may be absent are set below: this runs once a call, and spreads cost more than all the rest of it.
  const event: UsageEvent = {
    schemaVersion: 1,
    kind: 'usage',
    eventId: result.eventId,
    occurredAt: new Date(result.startedMs).toISOString(),
    category: facts.category,
    resource: result.reading?.model ?? requested,
    requestedResource: requested,
    units: facts.units,
    unitsEstimated: facts.unitsEstimated,
    endToEndLatencyMs: Math.max(0, Math.round(result.endedMs - result.startedMs)),
    httpStatusCode: result.status,
    outcome: result.outcome,
    attempt: facts.number,
    providerUri: facts.providerUri,
    providerResponseId: result.reading?.id ?? result.requestId ?? fallbackResponseId(result.eventId),
    useCase: facts.useCase,
    useCaseProperties: context?.useCaseProperties ?? {},
    requestProperties: context?.requestProperties ?? {},
    limitIds: context?.limitIds.length ? [...new Set([...context.limitIds, ...hold.limitIds])] : hold.limitIds,
    kpis: [],
    estimatedCost: cost === null ? null : Number(cost),
    holdIds: [hold.id],
  };
  if (result.firstTokenMs !== undefined)
    event.timeToFirstTokenMs = Math.max(0, Math.round(result.firstTokenMs - result.startedMs));
  if (context?.userId !== undefined) event.userId = context.userId;
  if (context?.accountName !== undefined) event.accountName = context.accountName;
  if (facts.traceparent !== undefined) event.traceparent = facts.traceparent;
  return event;
}

export const reportOf = (event: UsageEvent, cost: bigint | null, hold: Hold): CallReport => ({
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
