import type { Failure, HttpAnswer } from './answer.ts';

/** Tells people how far their request is. */
export type Progress = (stage: string, facts?: Record<string, unknown>) => void;

export const silent: Progress = () => undefined;

interface StreamOptions {
  /** Turns what `work` threw into the last event. */
  failureOf: (error: unknown) => Failure;
  heartbeatMs?: number;
}

/**
 * Work as server-sent events: its stages, a comment as heartbeat while nothing else is said, then `result` with the
 * envelope of a success or `error` with that of a failure and its `status`. The stream always ends and never fails,
 * since a Functions host leaves a client without an end when a body fails. The signal aborts when the client goes
 * away and the host tells so.
 */
export function eventStream(
  work: (progress: Progress, signal: AbortSignal) => Promise<unknown>,
  { failureOf, heartbeatMs = 10_000 }: StreamOptions,
): HttpAnswer {
  const gone = new AbortController();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string): void => {
        if (!gone.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      const event = (name: string, data: unknown): void => send(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
      const heartbeat = setInterval(() => send(': heartbeat\n\n'), heartbeatMs);
      const run = async (): Promise<void> => {
        try {
          event('accepted', {});
          event('result', { success: true, data: await work((stage, facts = {}) => event(stage, facts), gone.signal) });
        } catch (error) {
          const { status, body, retryAfterSeconds } = failureOf(error);
          event('error', { ...body, status, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
        } finally {
          clearInterval(heartbeat);
          if (!gone.signal.aborted) controller.close();
        }
      };
      void run();
    },
    cancel() {
      gone.abort(new Error('the client went away'));
    },
  });
  return {
    status: 200,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
    body,
  };
}

/** Whether a client asked for events. */
export const wantsEvents = (headers: Headers): boolean =>
  (headers.get('accept') ?? '')
    .split(',')
    .some((type) => type.split(';')[0]?.trim().toLowerCase() === 'text/event-stream');
