import { API_VERSION } from '../../shared/api/openapi/document.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { AnswerHandler } from '../../shared/http/answer.ts';
import type { Route } from '../../shared/http/route.ts';
import {
  insideSpan,
  isTracing,
  parseTraceparent,
  startSpan,
  type Tracing,
  traceTo,
} from '../../shared/telemetry/spans.ts';
import { describeError, type Telemetry } from '../../shared/telemetry/telemetry.ts';
import { createAzureCredential } from '../../shared/util/azure/azure-credential.ts';
import type { Clock } from '../../shared/util/clock.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';

/** What says where spans go. */
type TracingSettings = Pick<Settings, 'OTEL_EXPORTER' | 'SERVICE_NAME' | 'ENVIRONMENT'>;

/** Begins to send spans where the setting says; undefined where it says nowhere. */
export async function startTracing(settings: TracingSettings, telemetry: Telemetry): Promise<Tracing | undefined> {
  if (settings.OTEL_EXPORTER === 'none') return undefined;
  try {
    const tracing = await openTracing(settings, telemetry);
    traceTo(tracing);
    return tracing;
  } catch (error) {
    // Requests are served without it.
    telemetry.error('tracing-not-started', describeError(error));
    return undefined;
  }
}

async function openTracing(
  { OTEL_EXPORTER, SERVICE_NAME, ENVIRONMENT }: TracingSettings,
  telemetry: Telemetry,
): Promise<Tracing> {
  const options = {
    serviceName: SERVICE_NAME,
    version: API_VERSION,
    environment: ENVIRONMENT,
    lost: (spans: number) => telemetry.count('spans-not-sent', spans),
  };
  if (OTEL_EXPORTER === 'otlp') {
    const { startOtlp } = await import('../../shared/telemetry/otlp.ts');
    return startOtlp(options);
  }
  const { startAzureMonitor } = await import('../../shared/telemetry/azure-monitor.ts');
  return startAzureMonitor({
    ...options,
    connectionString: process.env['APPLICATIONINSIGHTS_CONNECTION_STRING'] ?? '',
    // The host goes by the same setting.
    credential: /\bAuthorization=AAD\b/i.test(process.env['APPLICATIONINSIGHTS_AUTHENTICATION_STRING'] ?? '')
      ? createAzureCredential()
      : undefined,
  });
}

/** The host gives a process little time to end, and a collector that hangs must not take all of it. */
const CLOSE_MS = 2_000;

/** Sends what waits in memory. */
export async function closeTracing(
  started: Promise<Tracing | undefined>,
  clock: Clock,
  telemetry: Telemetry,
): Promise<void> {
  const tracing = await started;
  if (!tracing) return;
  await withTimeout(CLOSE_MS, tracing.close(), clock).catch((error: unknown) =>
    telemetry.warn('tracing-not-closed', describeError(error)),
  );
}

/** The handler with a span for each request, below the host's or the caller's. */
export const withSpan =
  ({ method, path }: Pick<Route, 'method' | 'path'>, handler: AnswerHandler): AnswerHandler =>
  async (request, context) => {
    if (!isTracing()) return handler(request, context);
    const span = startSpan(
      () => `${method} ${path}`,
      () => ({
        kind: 'server',
        parent: parseTraceparent(context.traceContext?.traceParent ?? request.headers.get('traceparent')),
        attributes: { 'http.request.method': method, 'http.route': path },
      }),
    );
    // It never throws.
    const answer = await insideSpan(span.traceparent, () => handler(request, context));
    const { status, headers } = answer;
    span.set({ 'http.response.status_code': status, 'trailmeter.request.id': headers['x-request-id'] });
    span.end(status >= 500 ? String(status) : undefined);
    return answer;
  };
