import type { UsageEvent } from '../events/usage-event.ts';
import type { Hold } from '../limits/gate/gate.ts';
import { LimitReachedError } from '../limits/policies/errors.ts';
import { currentTraceparent, type SpanAttributes, startSpan, type TraceSpan } from '../telemetry/spans.ts';
import type { Attempt, TrackedCall } from './call.ts';
import { resourceOf } from './resource.ts';

/** Pay-i's categories as OpenTelemetry names providers. */
const providers: Readonly<Record<string, string>> = {
  'system.anthropic': 'anthropic',
  'system.openai': 'openai',
  'system.azure': 'azure.ai.inference',
  'system.azureopenai': 'azure.ai.openai',
  'system.aws.bedrock': 'aws.bedrock',
  'system.google.vertex': 'gcp.vertex_ai',
  xai: 'x_ai',
};

/** The span of one attempt at a model, by OpenTelemetry's conventions for generative AI and with our names for what they lack. */
export function startCallSpan(
  call: TrackedCall,
  { dialect, number, traceparent }: Attempt,
  startMs: number,
): TraceSpan {
  const model = () => resourceOf(call.shape.model);
  const operation = dialect.operation;
  return startSpan(
    () => `${operation} ${model()}`,
    () => ({
      kind: 'client',
      parent: currentTraceparent() ?? traceparent,
      startMs,
      attributes: {
        'gen_ai.operation.name': operation,
        'gen_ai.provider.name': providers[dialect.category] ?? dialect.category,
        'gen_ai.request.model': model(),
        'trailmeter.use_case.name': call.useCase.name,
        'trailmeter.use_case.id': call.useCase.id,
        'trailmeter.use_case.version': call.useCase.version,
        'trailmeter.use_case.step': call.useCase.step,
        'trailmeter.attempt': number,
      },
    }),
  );
}

/** Money in nano-USD. A limit is named by its policy: its id may hold a digest of the user. */
export function holdAttributes({ heldNanoUsd, warnings }: Pick<Hold, 'heldNanoUsd' | 'warnings'>): SpanAttributes {
  return {
    'trailmeter.hold.nano_usd': Number(heldNanoUsd),
    'trailmeter.limit.state':
      warnings.map(({ limitId, state }) => `${limitId.split(':')[0]}=${state}`).join(', ') || 'ok',
  };
}

/** Ends the span of a call that was not made. */
export function endRefused(span: TraceSpan, error: unknown): void {
  if (error instanceof LimitReachedError) {
    const { limitId, neededUsd } = error.details as { limitId: string; neededUsd: number };
    span.set({ 'trailmeter.refusal.policy': limitId.split(':')[0], 'trailmeter.refusal.needed_usd': neededUsd });
  }
  span.end((error as { code?: string } | undefined)?.code ?? 'refused');
}

/** Ends the span of an attempt with what its event says. */
export function endCallSpan(span: TraceSpan, event: UsageEvent): void {
  if (span.traceparent === undefined) return;
  const { outcome, httpStatusCode, timeToFirstTokenMs } = event;
  span.set({
    'gen_ai.response.model': event.resource,
    'gen_ai.response.id': event.providerResponseId,
    ...tokenAttributes(event.units),
    'gen_ai.response.time_to_first_chunk': timeToFirstTokenMs === undefined ? undefined : timeToFirstTokenMs / 1_000,
    'http.response.status_code': httpStatusCode,
    'trailmeter.event.id': event.eventId,
    'trailmeter.outcome': outcome,
    'trailmeter.cost.nano_usd': event.estimatedCost ?? undefined,
  });
  span.end(outcome === 'succeeded' ? undefined : outcome === 'failed' ? String(httpStatusCode) : outcome);
}

/** Tokens of the cache are part of the input, as the conventions have it. */
function tokenAttributes(units: UsageEvent['units']): SpanAttributes {
  let [input, output, read, written] = [0, 0, 0, 0];
  for (const [name, amounts] of Object.entries(units)) {
    if (name === 'web_search_request') continue;
    input += amounts.input ?? 0;
    output += amounts.output ?? 0;
    if (name.includes('_cache_read')) read += amounts.input ?? 0;
    if (name.includes('_cache_write')) written += amounts.input ?? 0;
  }
  return {
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': output,
    'gen_ai.usage.cache_read.input_tokens': read || undefined,
    'gen_ai.usage.cache_creation.input_tokens': written || undefined,
    'gen_ai.usage.reasoning.output_tokens': units['reasoning']?.output,
  };
}
