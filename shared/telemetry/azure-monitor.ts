import { AzureMonitorTraceExporter } from '@azure/monitor-opentelemetry-exporter';
import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { type OpenTelemetryOptions, startOpenTelemetry } from './open-telemetry.ts';
import type { Tracing } from './spans.ts';

type ExporterOptions = NonNullable<ConstructorParameters<typeof AzureMonitorTraceExporter>[0]>;

export interface AzureMonitorOptions extends OpenTelemetryOptions {
  /** As Application Insights shows it: `InstrumentationKey=…;IngestionEndpoint=https://…`. */
  connectionString: string;
  /** Needed where Application Insights takes identities alone. */
  credential: ExporterOptions['credential'] | undefined;
}

/** Spans to Application Insights. The reports of the library on itself are off. */
export function startAzureMonitor({ connectionString, credential, ...options }: AzureMonitorOptions): Tracing {
  process.env['APPLICATION_INSIGHTS_NO_STATSBEAT'] = 'true';
  process.env['APPLICATIONINSIGHTS_SDKSTATS_DISABLED'] = 'true';
  const exporter = new AzureMonitorTraceExporter({
    connectionString,
    // An instance of the app has no disk that outlives it.
    disableOfflineStorage: true,
    ...(credential && { credential }),
  });
  return startOpenTelemetry(
    {
      export: (spans, done) => exporter.export(spans.map(legible), done),
      shutdown: () => exporter.shutdown(),
    },
    options,
  );
}

/** The library leaves out the name of a consumer's span, and the attribute `error.type` of all. */
function legible(span: ReadableSpan): ReadableSpan {
  const error = span.attributes['error.type'];
  const attributes = error === undefined ? span.attributes : { ...span.attributes, 'trailmeter.error': error };
  const kind = span.kind === SpanKind.CONSUMER ? SpanKind.SERVER : span.kind;
  return Object.create(span, { kind: { value: kind }, attributes: { value: attributes } });
}
