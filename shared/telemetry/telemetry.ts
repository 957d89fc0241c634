import { MetricSums } from './metric-sums.ts';
import { requestScope } from './request-scope.ts';

/** Structured facts of a log line. Never a prompt, an answer, an image, an e-mail or a secret. */
export type Fields = Record<string, string | number | boolean | null | undefined>;

/** Logs and metrics, passed to whatever reports something. `event` and metric names are kebab-case and stable. */
export interface Telemetry {
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
  /** Adds to a counter, e.g. `events-dead-lettered`. */
  count(metric: string, by?: number, dimensions?: Record<string, string>): void;
  /** Records one value of a distribution or a gauge, e.g. `hold-over-actual`. The unit is part of the name. */
  measure(metric: string, value: number, dimensions?: Record<string, string>): void;
}

/** Telemetry that is written to a log. */
export interface LogTelemetry extends Telemetry {
  /** Writes the metrics that were not written yet: before the process ends. */
  flush(): void;
}

type Write = (line: string) => void;

/**
 * One JSON object a line, with the request's id where one is served. The Functions host forwards the lines to Application Insights as traces. Events are written at
 * once, metrics summed up (see `Metrics`): a counter as `by`, a distribution as `count`, `sum`, `min` and `max`.
 */
export function jsonTelemetry(write: Write = (line) => process.stdout.write(`${line}\n`)): LogTelemetry {
  const line = (level: string, event: string, fields: Fields = {}) =>
    // First, so that people find them; and again, so that no field takes their place.
    write(JSON.stringify(Object.assign({ level, event }, fields, { level, event })));
  const counters = new MetricSums((sums) => {
    for (const { metric, dimensions, sum } of sums) line('metric', metric, { ...dimensions, by: sum });
  });
  const distributions = new MetricSums((sums) => {
    for (const { metric, dimensions, count, sum, min, max } of sums)
      line('metric', metric, { ...dimensions, count, sum, min, max });
  });
  return {
    info: (event, fields) => line('info', event, inScope(fields)),
    warn: (event, fields) => line('warn', event, inScope(fields)),
    error: (event, fields) => line('error', event, inScope(fields)),
    count: (metric, by = 1, dimensions = {}) => counters.add(metric, by, dimensions),
    measure: (metric, value, dimensions = {}) => distributions.add(metric, value, dimensions),
    flush() {
      counters.flush();
      distributions.flush();
    },
  };
}

/** With the id of the request that is served. A metric sums up many, so it has none. */
function inScope(fields: Fields | undefined): Fields | undefined {
  const scope = requestScope();
  return scope ? { ...fields, requestId: scope.requestId } : fields;
}

/** The name and message of whatever was thrown, for a log line. */
export function describeError(error: unknown): Fields {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code } = error as { code?: unknown };
  const errorCode = typeof code === 'string' ? code : null;
  return { error: error.name, errorCode, ...(toldByProvider(error) ?? { errorMessage: error.message }) };
}

/**
 * An error that a model's provider told, as the SDKs show it. Its text may quote the request, so a log gets the status and
 * the provider's id of the request instead. Undefined for any other error, such as a connection that failed.
 */
function toldByProvider(error: Error): Fields | undefined {
  if (!('requestID' in error)) return undefined;
  const { requestID, status, error: body } = error as { requestID?: unknown; status?: unknown; error?: unknown };
  if (status === undefined && body === undefined) return undefined;
  return {
    providerStatus: typeof status === 'number' ? status : null,
    providerRequestId: typeof requestID === 'string' ? requestID : null,
  };
}
