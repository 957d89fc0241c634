import { performance } from 'node:perf_hooks';

/** One way to make a call, to its very end. */
export type CallOnce = () => Promise<unknown>;

export interface Comparison {
  /** µs of CPU that a call takes more than a bare one: the median over pairs of blocks. */
  addedCpuUs: number;
  cpuUs: number;
  p50Ms: number;
  p99Ms: number;
}

const WARM_UP_CALLS = 400;
const BLOCKS = 40;
const CALLS_PER_BLOCK = 40;

/** Alternates blocks of bare and instrumented calls in one process, so that both meet the same machine. */
export async function compare(bare: CallOnce, instrumented: CallOnce): Promise<Comparison> {
  for (let call = 0; call < WARM_UP_CALLS; call += 1) {
    await bare();
    await instrumented();
  }
  const added: number[] = [];
  const cpu: number[] = [];
  const latencies: number[] = [];
  for (let block = 0; block < BLOCKS; block += 1) {
    const bareFirst = block % 2 === 0;
    const first = await cpuPerCall(bareFirst ? bare : instrumented, bareFirst ? [] : latencies);
    const second = await cpuPerCall(bareFirst ? instrumented : bare, bareFirst ? latencies : []);
    const [without, withIt] = bareFirst ? [first, second] : [second, first];
    added.push(withIt - without);
    cpu.push(withIt);
  }
  return {
    addedCpuUs: Math.round(quantile(added, 0.5)),
    cpuUs: Math.round(quantile(cpu, 0.5)),
    p50Ms: Number(quantile(latencies, 0.5).toFixed(2)),
    p99Ms: Number(quantile(latencies, 0.99).toFixed(2)),
  };
}

async function cpuPerCall(call: CallOnce, latencies: number[]): Promise<number> {
  const before = process.cpuUsage();
  for (let made = 0; made < CALLS_PER_BLOCK; made += 1) {
    const from = performance.now();
    await call();
    latencies.push(performance.now() - from);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS_PER_BLOCK;
}

function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

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
