import { queues } from '../../infra/local/queues.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { isLogLine, leakIn } from '../support/log-leaks.ts';
import { TARGET } from './amqp-frames.ts';
import { type AppCall, appCallOf } from './model-calls/app-call.ts';
import { configuredKeys, createKeys, type FuzzKeys } from './model-calls/fuzz-keys.ts';
import { WITNESS_QUEUE } from './witness.ts';

/** What the process of the stack under attack reports about itself. */
export interface TargetState {
  broker: { port: number; connectionString: string };
  app: string;
  payi: string;
  model: string;
  /** Process ids: this one first, then those of the app. */
  pids: number[];
  keys: FuzzKeys;
  /** All that the app called models for. */
  appCalls: AppCall[];
  /** Lines of the app's log with what must not be in them. */
  leaks: string[];
}

const KEPT_LEAKS = 10;
const leaks = new Set<string>();

/** How often the model's calls are read, in ms: it forgets the oldest of very many. */
const READ_CALLS_MS = 250;

/** The laptop stack in a process of its own, with a queue for the attacks and one for the witness. Any message asks for its state. */
const stack = await startStack({
  entry: 'test/fuzz/model-calls/named-app/index.ts',
  queues: {
    queues: [
      ...queues.queues,
      { name: TARGET, maxBytes: 32 << 20, defaultTtlMs: 10_000, duplicateWindowMs: 5_000, lockDurationMs: 5_000 },
      { name: WITNESS_QUEUE },
    ],
  },
  // V8 puts off its work as long as memory is left, which would look like a leak; a leak ends a process with so little. The
  // app with its source map takes about 600 MB at its start.
  settings: {
    ACCESS_KEYS: configuredKeys,
    DEV_IDENTITY: '',
    LIMITS: JSON.stringify([{ name: 'enough', scope: 'global', window: 'day', maxUsd: 1_000_000, type: 'block' }]),
    NODE_OPTIONS: '--max-http-header-size=65536 --max-old-space-size=192',
    // As the Bicep has it.
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '1048576',
    MALLOC_TRIM_THRESHOLD_: '1048576',
  },
  log(line) {
    process.stderr.write(`${line}\n`);
    const leak = isLogLine(line) ? leakIn(line) : undefined;
    if (leak !== undefined && leaks.size < KEPT_LEAKS) leaks.add(leak);
  },
});

const keys = await createKeys(stack.url);

const appCalls: AppCall[] = [];
let seen = 0;
function readCalls(): void {
  if (!stack.model) return;
  const fresh = stack.model.answered() - seen;
  seen += fresh;
  const calls = fresh > 0 ? stack.model.calls().slice(-fresh) : [];
  appCalls.push(...calls.flatMap((call) => appCallOf(call, stack.settings['ANTHROPIC_API_KEY']) ?? []));
}
setInterval(readCalls, READ_CALLS_MS).unref();

function stateOf({ broker, payi, model, url, host }: Stack): TargetState {
  if (!broker || !payi || !model) throw new Error('the stack under attack must be its own');
  readCalls();
  return {
    broker: { port: broker.port, connectionString: broker.connectionString },
    app: url,
    payi: payi.url,
    model: model.url,
    pids: [process.pid, ...host.instances.map(({ pid }) => pid)],
    keys,
    appCalls,
    leaks: [...leaks],
  };
}

process.on('message', () => {
  globalThis.gc?.();
  process.send?.(stateOf(stack));
});
process.on('disconnect', () => void stack.close().then(() => process.exit(0)));
process.send?.(stateOf(stack));
