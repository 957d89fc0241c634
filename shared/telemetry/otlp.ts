import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { type OpenTelemetryOptions, startOpenTelemetry } from './open-telemetry.ts';
import type { Tracing } from './spans.ts';

/** Spans by OTLP over HTTP. Address and headers are those of the standard variables, such as `OTEL_EXPORTER_OTLP_ENDPOINT`. */
export const startOtlp = (options: OpenTelemetryOptions): Tracing =>
  startOpenTelemetry(new OTLPTraceExporter(), options);
