import type { Settings } from '../config/settings.ts';
import { TrailmeterError } from '../errors/trailmeter-error.ts';
import type { Publisher } from '../events/publisher.ts';
import type { KpiScore, Properties } from '../events/usage-event.ts';
import type { AnthropicLoader } from '../model/clients/load-anthropic.ts';
import { currentTraceparent } from '../telemetry/spans.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import { type TrackContext, trackContext } from '../tracking/context.ts';
import type { UseCase } from '../use-cases/use-case.ts';
import type { Clock } from '../util/clock.ts';
import { uuidV7 } from '../util/ids.ts';
import type { Judging } from './judge/judging.ts';
import { type AnswerMetrics, metricsOf } from './metrics.ts';
import type { RunCaller } from './run-caller.ts';

/** What the features need of the app's services. */
export interface TrailServices {
  settings: Settings;
  clock: Clock;
  telemetry: Telemetry;
  publisher: Publisher;
  /** Tracked: each call inside a `trackContext` is limited, metered and reported. */
  anthropic: AnthropicLoader;
}

/** Those of features whose answers are judged. */
export interface JudgedServices extends TrailServices {
  judging: Judging;
}

/** One use case instance, and the work that it is for. */
export interface Run<T> {
  useCase: UseCase;
  caller: RunCaller;
  useCaseProperties: Properties;
  requestProperties: Properties;
  /** The id that was asked for, before aliases. */
  requestedModel: string;
  work: (signal: AbortSignal) => Promise<T>;
  /** KPIs of the instance; `result` is absent when it failed. */
  scores: (result: T | undefined) => KpiScore[];
  /** Aborts when the client went away. */
  signal: AbortSignal;
}

export interface RunResult<T> {
  result: T;
  metrics: AnswerMetrics;
}

/** Failed work that was paid nevertheless: what it took stands in `details.metrics`. */
class RunError extends TrailmeterError {}

/**
 * Runs a feature as an instance of its use case, within the deadline of a request's model work, and publishes its KPIs
 * whether it succeeded or not.
 * @throws what `work` throws, with the metrics in its details when a model was called.
 */
export function runFeature<T>(services: TrailServices, run: Run<T>): Promise<RunResult<T>> {
  const { useCase, caller } = run;
  const scope = {
    useCaseName: useCase.name,
    useCaseVersion: useCase.version,
    useCaseProperties: { ...useCase.properties, ...run.useCaseProperties },
    requestProperties: run.requestProperties,
    userId: caller.userId,
    ...(caller.accountName !== undefined && { accountName: caller.accountName }),
    ...(caller.key && { key: caller.key }),
  };
  return trackContext(scope, async (context) => {
    const startedMs = services.clock.now();
    const signal = AbortSignal.any([run.signal, AbortSignal.timeout(services.settings.MODEL_DEADLINE_MS)]);
    try {
      const result = await run.work(signal);
      await publishScores(services, context, run.scores(result));
      return { result, metrics: metricsOf(context, caller, run.requestedModel, startedMs, services.clock.now()) };
    } catch (error) {
      // No call, no usage event: an instance without one would never come to be at Pay-i.
      if (context.calls.length === 0) throw error;
      await publishScores(services, context, run.scores(undefined));
      throw withMetrics(error, metricsOf(context, caller, run.requestedModel, startedMs, services.clock.now()));
    }
  });
}

function withMetrics(error: unknown, metrics: AnswerMetrics): unknown {
  if (!(error instanceof TrailmeterError)) return error;
  return new RunError(error.code, error.message, {
    status: error.status,
    details: { ...error.details, metrics },
    ...(error.retryAfterSeconds !== undefined && { retryAfterSeconds: error.retryAfterSeconds }),
    cause: error,
  });
}

/** The answer is paid and known: a score that can't be made durable is counted, and does not take the answer away. */
async function publishScores(services: TrailServices, context: TrackContext, kpis: KpiScore[]): Promise<void> {
  if (!context.useCase || kpis.length === 0) return;
  const nowMs = services.clock.now();
  const traceparent = currentTraceparent();
  try {
    await services.publisher.publish({
      schemaVersion: 1,
      kind: 'kpi',
      eventId: uuidV7(nowMs),
      occurredAt: new Date(nowMs).toISOString(),
      useCase: context.useCase,
      kpis,
      ...(traceparent !== undefined && { traceparent }),
    });
  } catch (error) {
    services.telemetry.count('kpis-not-published', kpis.length, { useCase: context.useCase.name });
    services.telemetry.error('kpis-not-published', { useCaseId: context.useCase.id, ...describeError(error) });
  }
}
