import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { SpanAttributes, TraceSpan, Tracing } from './spans.ts';

export interface OpenTelemetryOptions {
  serviceName: string;
  version: string;
  environment: string;
  /** Gets how many spans could not be sent. */
  lost(spans: number): void;
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, consumer: SpanKind.CONSUMER } as const;

/** Spans of OpenTelemetry, which `exporter` sends. Loaded only where tracing is on. */
export function startOpenTelemetry(
  exporter: SpanExporter,
  { serviceName, version, environment, lost }: OpenTelemetryOptions,
): Tracing {
  const counting: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== 0) lost(spans.length);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': serviceName,
      'service.version': version,
      'deployment.environment.name': environment,
    }),
    // A caller that does not sample a trace, such as the host, decides for all of it.
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [new BatchSpanProcessor({ exporter: counting })],
  });
  const tracer = provider.getTracer('trailmeter', version);
  return {
    start(name, { kind, parent, links = [], startMs, attributes = {} }) {
      const span = tracer.startSpan(
        name,
        {
          kind: kinds[kind],
          attributes: known(attributes),
          links: links.map((link) => ({ context: contextOf(link) })),
          ...(startMs !== undefined && { startTime: startMs }),
        },
        parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, contextOf(parent)),
      );
      return traceSpan(span);
    },
    close: () => provider.shutdown(),
  };
}

function traceSpan(span: Span): TraceSpan {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    set: (attributes) => void span.setAttributes(known(attributes)),
    end(error) {
      if (error !== undefined) {
        span.setAttribute('error.type', error);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}

function contextOf(traceparent: string) {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-');
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

const known = (attributes: SpanAttributes): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(attributes).filter((pair): pair is [string, string | number | boolean] => pair[1] !== undefined),
  );
