import { queues } from '../../infra/local/queues.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { TARGET } from './amqp-frames.ts';
import { WITNESS_QUEUE } from './witness.ts';

/** What the process of the stack under attack reports about itself. */
export interface TargetState {
  broker: { port: number; connectionString: string };
  app: string;
  payi: string;
  model: string;
  /** Process ids: this one first, then those of the app. */
  pids: number[];
  modelCalls: number;
}

/** The laptop stack in a process of its own, with a queue for the attacks and one for the witness. Any message asks for its state. */
const stack = await startStack({
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
    NODE_OPTIONS: '--max-http-header-size=65536 --max-old-space-size=192',
    // As the Bicep has it.
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '1048576',
    MALLOC_TRIM_THRESHOLD_: '1048576',
  },
  log: (line) => process.stderr.write(`${line}\n`),
});

function stateOf({ broker, payi, model, url, host }: Stack): TargetState {
  if (!broker || !payi || !model) throw new Error('the stack under attack must be its own');
  return {
    broker: { port: broker.port, connectionString: broker.connectionString },
    app: url,
    payi: payi.url,
    model: model.url,
    pids: [process.pid, ...host.instances.map(({ pid }) => pid)],
    modelCalls: model.answered(),
  };
}

process.on('message', () => {
  globalThis.gc?.();
  process.send?.(stateOf(stack));
});
process.on('disconnect', () => void stack.close().then(() => process.exit(0)));
process.send?.(stateOf(stack));
