import { performance } from 'node:perf_hooks';

/** One way to make a call, to its very end. */
export type CallOnce = () => Promise<unknown>;

export interface Block {
  /** µs a call. */
  cpuUs: number;
  timesMs: number[];
}

export const CALLS_AT_ONCE = 32;
const CALLS = 160;
/** Until the compiler is done with the code of every subject, as it is in a process that serves. */
const WARM_UP_CALLS = 3_200;

/** The two modes that are compared, for any client of the official SDK. */
export const modes = ['create', 'stream'] as const;
export type Mode = (typeof modes)[number];

interface Client {
  messages: { create(params: never): PromiseLike<unknown> };
}

const params = {
  model: 'claude-haiku-5-5',
  max_tokens: 400,
  messages: [{ role: 'user', content: 'Which trail near Moab suits a stock 4Runner in spring? '.repeat(30) }],
};

export const callWith = (client: Client, mode: Mode): CallOnce =>
  mode === 'create'
    ? async () => await client.messages.create(params as never)
    : async () => {
        const stream = await client.messages.create({ ...params, stream: true } as never);
        for await (const _event of stream as AsyncIterable<unknown>);
      };

/** In the subject's process: warms up, then makes a block of calls whenever the benchmark asks. `flush` belongs to the block. */
export async function serveBlocks(call: CallOnce, flush = async () => {}, end = async () => {}): Promise<void> {
  await calls(call, WARM_UP_CALLS);
  await flush();
  process.on('message', async (message) => {
    if (message === 'end') {
      await end();
      process.exit(0);
    }
    const before = process.cpuUsage();
    const timesMs = await calls(call, CALLS);
    await flush();
    const { user, system } = process.cpuUsage(before);
    process.send?.({ cpuUs: (user + system) / CALLS, timesMs } satisfies Block);
  });
  process.on('disconnect', () => process.exit(1));
  process.send?.('warm');
}

async function calls(call: CallOnce, count: number): Promise<number[]> {
  const timesMs: number[] = [];
  let begun = 0;
  const caller = async () => {
    while (begun < count) {
      begun += 1;
      const from = performance.now();
      await call();
      timesMs.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, caller));
  return timesMs;
}
