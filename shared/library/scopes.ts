import { getContext as currentContext, trackContext as runInContext } from '../tracking/context.ts';
import type { TrackOptions } from '../tracking/track-options.ts';

/** What a scope says of the model calls inside it. What is absent is inherited; `''`, `[]` and `{}` clear it. */
export interface ScopeOptions {
  useCaseName?: string | undefined;
  /** Absent: a new instance. */
  useCaseId?: string | undefined;
  /** A whole number from 1. */
  useCaseVersion?: number | undefined;
  useCaseStep?: string | undefined;
  useCaseProperties?: Record<string, string> | undefined;
  requestProperties?: Record<string, string> | undefined;
  /** Pay-i keeps it as it is: use a pseudonym, not an e-mail address. */
  userId?: string | undefined;
  accountName?: string | undefined;
  /** Limits at Pay-i that the calls count against. */
  limitIds?: string[] | undefined;
}

/** What one model call came to. Money in nano-USD (1 USD = 1,000,000,000). */
export interface ScopeCall {
  eventId: string;
  requestedModel: string;
  /** The model that answered. */
  model: string;
  /** Unit name to amounts, e.g. `text` to tokens in and out. */
  units: Record<string, { input?: number | undefined; output?: number | undefined }>;
  /** By the price list of this version; null where the model has no price in it. */
  costNanoUsd: bigint | null;
  latencyMs: number;
  timeToFirstTokenMs?: number;
  httpStatusCode: number;
  outcome: 'succeeded' | 'failed' | 'aborted' | 'abandoned';
  /** Limits that are near or past, in their unit: nano-USD for `usd`. */
  warnings: { limitId: string; state: string; unit: string; max: bigint; spent: bigint }[];
}

/** The scope around the running code. */
export interface Scope {
  readonly useCase: { name: string; id: string; version?: number | undefined; step?: string | undefined } | undefined;
  readonly useCaseProperties: Record<string, string>;
  readonly requestProperties: Record<string, string>;
  readonly userId: string | undefined;
  readonly accountName: string | undefined;
  readonly limitIds: readonly string[];
  /** The calls made so far inside this scope and those nested in it; empty where another app meters them. */
  readonly calls: readonly ScopeCall[];
}

/**
 * Runs `work` in a scope that inherits from the one around it. It follows promises, timers and callbacks.
 * @throws TrailmeterError `invalid_track_options` when an option is not valid
 */
export function runInScope<T>(options: ScopeOptions, work: (scope: Scope) => T): T {
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  return runInContext(Object.fromEntries(said) as TrackOptions, work);
}

/** The innermost scope; undefined outside of all. */
export function currentScope(): Scope | undefined {
  return currentContext();
}
