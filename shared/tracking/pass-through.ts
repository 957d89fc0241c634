import { StreamIdleError } from './errors.ts';

/** How a stream came to its end. `idle`: nothing came, or nobody read, for too long. */
export type StreamEnd = 'ended' | 'broken' | 'cancelled' | 'idle';

export interface PassThroughHooks {
  /** Sees each chunk before it passes. Returns how many of its bytes pass at once; the rest waits for `end`. */
  chunk(bytes: Uint8Array): number;
  /** Called exactly once, and awaited before the reader learns of the end. An error of it ends the stream. */
  end(how: StreamEnd): Promise<void>;
  idleMs: number;
}

/**
 * The same bytes, each chunk as soon as it is there and as large as it came, nothing read ahead. Only what lies behind the end
 * of the answer waits until `end` is through.
 */
export function passThrough(source: ReadableStream<Uint8Array>, hooks: PassThroughHooks): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let ended = false;
  let idle: Promise<never> | undefined;
  const end = async (how: StreamEnd): Promise<void> => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    await hooks.end(how);
  };
  const standStill = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    idle = end('idle').then(() => {
      throw new StreamIdleError(hooks.idleMs);
    });
    idle.catch((error: unknown) => controller.error(error));
    reader.cancel().catch(() => undefined); // A source that can't be cancelled is at its end already.
  };
  let timer: NodeJS.Timeout;

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        timer = setTimeout(standStill, hooks.idleMs, controller);
        timer.unref();
      },
      async pull(controller) {
        if (!ended) timer.refresh();
        const next = await reader.read().catch(async (error: unknown) => {
          await end('broken');
          throw error;
        });
        if (idle) return idle;
        if (next.done) {
          await end('ended');
          return controller.close();
        }
        const passing = ended ? next.value.length : hooks.chunk(next.value);
        if (passing === next.value.length) return controller.enqueue(next.value);
        if (passing > 0) controller.enqueue(next.value.subarray(0, passing));
        await end('ended');
        controller.enqueue(next.value.subarray(passing));
      },
      async cancel(reason) {
        await Promise.all([reader.cancel(reason), end('cancelled')]);
      },
    },
    { highWaterMark: 0 },
  );
}
