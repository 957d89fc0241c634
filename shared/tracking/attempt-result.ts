import { fallbackResponseId, type Outcome, type Properties, type UsageEvent } from '../events/usage-event.ts';
import type { Fallback } from '../limits/gate/fallback.ts';
import type { Hold } from '../limits/gate/gate.ts';
import { estimateTextTokens, type RequestShape } from '../model/request/request-shape.ts';
import type { AnswerReading } from '../model/usage/answer-reading.ts';
import { priceModifiers, toUnits } from '../model/usage/usage.ts';
import { withModifiers } from '../pricing/modifier-property.ts';
import { answerCost } from './answer-cost.ts';
import type { Attempt, TrackedCall } from './call.ts';
import type { CallReport, TrackContext } from './context.ts';
import { estimateUsage, soundUsage } from './estimate-usage.ts';
import { withLimitFacts } from './fallback/limit-properties.ts';
import { resourceOf } from './resource.ts';

/** Pay-i's own SDK's status where a provider gave none. */
export const NO_STATUS = 299;
const HIGHEST_STATUS = 599;

/** What an attempt used: its usage and units, and whether they are partly our own estimate. */
function usageOf(reading: AnswerReading | undefined, shape: RequestShape, tookMs: number) {
  if (!reading) return { units: {}, modifiers: [], estimated: false };
  const said = reading.complete ? reading.usage : estimateUsage(reading, shape, tookMs);
  const sound = soundUsage(said, shape);
  const usage = sound ?? said;
  const units = toUnits(usage, {
    oneHourCache: shape.oneHourCache,
    largeContext: shape.api === 'messages',
    ...(shape.images > 0 && { textTokensBesideImages: estimateTextTokens(shape.textBytes) }),
  });
  return {
    units,
    modifiers: priceModifiers(usage, shape.surcharge),
    estimated: !reading.complete || sound !== undefined,
  };
}

/** How one HTTP attempt ended. Times in ms, UTC. */
export interface AttemptFacts {
  call: Pick<TrackedCall, 'context' | 'useCase' | 'shape' | 'fallback'>;
  attempt: Pick<Attempt, 'dialect' | 'number' | 'providerUri'>;
  /** Of the span that the event is of. */
  traceparent?: string | undefined;
  hold: Pick<Hold, 'id' | 'limitIds' | 'warnings'>;
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
  /** False where the provider did no work that it charges for. */
  isCharged: boolean;
}

export function usedBy(facts: AttemptFacts): Used {
  const { call, attempt, reading, hold, startedMs } = facts;
  const { context } = call;
  const { units, modifiers, estimated } = usageOf(reading, call.shape, facts.endedMs - startedMs);
  const cost = reading ? answerCost({ reading, atMs: startedMs, units, modifiers, shape: call.shape }) : 0n;
  const called = resourceOf(call.shape.model);
  // Members that may be absent are set below: this runs once a call, and spreads cost more than all the rest of it.
  const event: UsageEvent = {
    schemaVersion: 1,
    kind: 'usage',
    eventId: facts.eventId,
    occurredAt: new Date(startedMs).toISOString(),
    category: attempt.dialect.category,
    resource: reading?.model ? resourceOf(reading.model) : called,
    requestedResource: call.fallback?.askedModel ?? called,
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
    requestProperties: withModifiers(
      withLimitFacts(context ? propertiesOf(context) : {}, call.fallback, hold),
      modifiers,
    ),
    limitIds: context?.limitIds.length ? [...new Set([...context.limitIds, ...hold.limitIds])] : hold.limitIds,
    kpis: [],
    estimatedCost: cost === null ? null : Number(cost),
    holdIds: [hold.id],
  };
  if (facts.firstTokenMs !== undefined)
    event.timeToFirstTokenMs = Math.max(0, Math.round(facts.firstTokenMs - startedMs));
  if (context?.userId !== undefined) event.userId = context.userId;
  if (context?.accountName !== undefined) event.accountName = context.accountName;
  if (context?.key !== undefined) event.keyName = context.key.name;
  if (facts.traceparent !== undefined) event.traceparent = facts.traceparent;
  return { event, cost, isCharged: reading !== undefined };
}

/** The request's id is a property, so that it gets to Pay-i and is found there. */
const propertiesOf = ({ requestProperties, requestId }: TrackContext): Properties =>
  requestId === undefined ? requestProperties : { ...requestProperties, request_id: requestId };

/** The provider's id of the request, for an answer without an id of its own. */
const requestId = (answer: Response | undefined): string | undefined =>
  answer?.headers.get('request-id') ?? answer?.headers.get('x-request-id') ?? undefined;

export const reportOf = ({ event, cost }: Used, hold: Hold, fallback: Fallback | undefined): CallReport => ({
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
  ...(fallback && { fallback }),
});
