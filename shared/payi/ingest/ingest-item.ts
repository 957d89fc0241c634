import type { UsageEvent } from '../../events/usage-event.ts';
import { modifiersIn } from '../../pricing/modifier-property.ts';
import type { IngestItem } from './item.ts';

/**
 * A usage event as Pay-i takes it. What Pay-i has no field for goes into request properties, so that a model that was
 * asked under another name, a repeat of the SDK, an estimate and an unfinished call can be told apart there.
 */
export function ingestItem(event: UsageEvent): IngestItem {
  const { useCase } = event;
  return {
    category: event.category,
    resource: event.resource,
    units: event.units,
    event_timestamp: event.occurredAt,
    end_to_end_latency_ms: event.endToEndLatencyMs,
    ...(event.timeToFirstTokenMs !== undefined && { time_to_first_token_ms: event.timeToFirstTokenMs }),
    http_status_code: event.httpStatusCode,
    provider_uri: event.providerUri,
    provider_response_id: event.providerResponseId,
    properties: { ...event.requestProperties, ...traits(event) },
    ...(Object.keys(event.useCaseProperties).length > 0 && { use_case_properties: event.useCaseProperties }),
    use_case_name: useCase.name,
    use_case_id: useCase.id,
    ...(useCase.version !== undefined && { use_case_version: useCase.version }),
    ...(useCase.step !== undefined && { use_case_step: useCase.step }),
    ...(event.userId !== undefined && { user_id: event.userId }),
    ...(event.accountName !== undefined && { account_name: event.accountName }),
    ...(scopeOf(event) && { scope: scopeOf(event) }),
    ...(event.limitIds.length > 0 && { limit_ids: [...new Set(event.limitIds)] }),
  };
}

/** As Pay-i's SDK has it: only for calls of Anthropic itself, which charges more for inference in one zone. */
const scopeOf = ({ category, requestProperties }: UsageEvent): string | undefined =>
  category === 'system.anthropic' && modifiersIn(requestProperties).includes('us') ? 'datazone.us' : undefined;

function traits(event: UsageEvent): Record<string, string> {
  return {
    event_id: event.eventId,
    outcome: event.outcome,
    ...(event.attempt > 1 && { attempt: String(event.attempt) }),
    ...(event.requestedResource !== event.resource && { requested_resource: event.requestedResource }),
    ...(event.unitsEstimated && { units_estimated: 'true' }),
  };
}
