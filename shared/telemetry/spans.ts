import { AsyncLocalStorage } from 'node:async_hooks';

/** Facts of a span. Never a prompt, an answer, an image, an e-mail or a secret; undefined ones are left out. */
export type SpanAttributes = Record<string, string | number | boolean | undefined>;

export interface SpanOptions {
  kind: 'server' | 'client' | 'consumer';
  /** `traceparent` of the span around it, as W3C has it; absent: the first span of a trace. */
  parent?: string | undefined;
  /** `traceparent`s of spans that led to it. */
  links?: string[];
  /** ms, UTC; absent: now. */
  startMs?: number;
  attributes?: SpanAttributes;
}

/** A piece of work that is being traced. */
export interface TraceSpan {
  /** For what is caused by it; undefined while nothing is traced. */
  readonly traceparent: string | undefined;
  set(attributes: SpanAttributes): void;
  /** `error`: a stable code or class of what went wrong. */
  end(error?: string): void;
}

/** Where spans go. */
export interface Tracing {
  start(name: string, options: SpanOptions): TraceSpan;
  /** Sends what waits in memory. Rejects when that fails. */
  close(): Promise<void>;
}

const untraced: TraceSpan = { traceparent: undefined, set: () => undefined, end: () => undefined };
const around = new AsyncLocalStorage<string>();
let tracing: Tracing | undefined;

/** Sends the spans of this process there; undefined: nowhere. */
export function traceTo(to: Tracing | undefined): void {
  tracing = to;
}

export const isTracing = (): boolean => tracing !== undefined;

/** Begins a span. `options` is called only where spans are sent somewhere, so that tracing costs nothing while it is off. */
export const startSpan = (name: () => string, options: () => SpanOptions): TraceSpan =>
  tracing ? tracing.start(name(), options()) : untraced;

/** Runs `work` as caused by a span. Loops of the process must not be begun in there. */
export const insideSpan = <T>(traceparent: string | undefined, work: () => T): T =>
  traceparent === undefined ? work() : around.run(traceparent, work);

/** The `traceparent` of the span around the running code. */
export const currentTraceparent = (): string | undefined => (tracing ? around.getStore() : undefined);

/** A W3C trace context header, or undefined where it is malformed. */
export const parseTraceparent = (header: string | null | undefined): string | undefined =>
  header && /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(header) ? header : undefined;
