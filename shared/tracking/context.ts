import { AsyncLocalStorage } from 'node:async_hooks';
import type { Outcome, Properties, Units, UseCaseRef } from '../events/usage-event.ts';
import type { Fallback } from '../limits/gate/fallback.ts';
import type { LimitWarning } from '../limits/gate/gate.ts';
import { requestScope } from '../telemetry/request-scope.ts';
import { uuidV7 } from '../util/ids.ts';
import { checkOptions } from './check-options.ts';
import type { TrackOptions } from './track-options.ts';

/** What one metered call came to; appended to the context when its event is durable and its hold settled. */
export interface CallReport {
  eventId: string;
  requestedModel: string;
  /** The model that really answered. */
  model: string;
  units: Units;
  /** nano-USD, estimated by the price book; null where the model has no price. */
  costNanoUsd: bigint | null;
  latencyMs: number;
  timeToFirstTokenMs?: number;
  httpStatusCode: number;
  outcome: Outcome;
  warnings: LimitWarning[];
  /** Where the call was made in a cheaper form. */
  fallback?: Fallback;
}

export interface TrackContext {
  readonly useCase: UseCaseRef | undefined;
  readonly useCaseProperties: Properties;
  readonly requestProperties: Properties;
  readonly userId: string | undefined;
  readonly accountName: string | undefined;
  readonly key: TrackOptions['key'];
  readonly limitIds: readonly string[];
  /** The HTTP request that the calls are made for, if any. */
  readonly requestId: string | undefined;
  /** The calls made so far inside this scope and the scopes nested in it. */
  readonly calls: CallReport[];
  readonly parent: TrackContext | undefined;
}

const storage = new AsyncLocalStorage<TrackContext>();

/** The innermost scope, if any. */
export const getContext = (): TrackContext | undefined => storage.getStore();

/**
 * Runs `work` inside a new scope that inherits from the one around it.
 * @throws InvalidTrackOptionsError when no usage event could carry what the options say.
 */
export function trackContext<T>(options: TrackOptions, work: (context: TrackContext) => T): T {
  checkOptions(options);
  const context = nested(options, getContext());
  return storage.run(context, () => work(context));
}

/** Appends a finished call to a scope and to all scopes around it. */
export function reportCall(context: TrackContext | undefined, report: CallReport): void {
  for (let scope = context; scope; scope = scope.parent) scope.calls.push(report);
}

function nested(options: TrackOptions, parent: TrackContext | undefined): TrackContext {
  return {
    useCase: nestedUseCase(options, parent?.useCase),
    useCaseProperties: merged(parent?.useCaseProperties, options.useCaseProperties),
    requestProperties: merged(parent?.requestProperties, options.requestProperties),
    userId: innermost(parent?.userId, options.userId),
    accountName: innermost(parent?.accountName, options.accountName),
    key: options.key ?? parent?.key,
    limitIds:
      options.limitIds?.length === 0 ? [] : [...new Set([...(parent?.limitIds ?? []), ...(options.limitIds ?? [])])],
    requestId: parent?.requestId ?? requestScope()?.requestId,
    calls: [],
    parent,
  };
}

function nestedUseCase(options: TrackOptions, outer: UseCaseRef | undefined): UseCaseRef | undefined {
  const name = innermost(outer?.name, options.useCaseName);
  if (name === undefined) return undefined;
  const inherited = outer?.name === name ? outer : undefined;
  const version = options.useCaseVersion ?? inherited?.version;
  const step = innermost(inherited?.step, options.useCaseStep);
  return {
    name,
    // With the time in it, by which the instance's calls are found.
    id: innermost(inherited?.id, options.useCaseId) ?? uuidV7(Date.now()),
    ...(version !== undefined && { version }),
    ...(step !== undefined && { step }),
  };
}

const innermost = (outer: string | undefined, inner: string | undefined): string | undefined =>
  inner === undefined ? outer : inner || undefined;

const merged = (outer: Properties = {}, inner: Properties | undefined): Properties =>
  inner && Object.keys(inner).length === 0 ? {} : { ...outer, ...inner };
