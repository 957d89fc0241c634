import { once } from 'node:events';
import { runCommand, wholeNumber } from '../../../cli/command.ts';
import { startModel } from './server.ts';

/** The model stand-in as a process of its own: prints its URL, and runs until it is stopped. */
await runCommand(
  {
    usage:
      'tsx infra/local/model/src/main.ts [--port N] [--seed TEXT] [--latency-ms N] [--event-delay-ms N] [--batch-ms N]',
    options: {
      port: { type: 'string' },
      seed: { type: 'string' },
      'latency-ms': { type: 'string' },
      'event-delay-ms': { type: 'string' },
      'batch-ms': { type: 'string' },
    },
  },
  async (args, output, signal) => {
    const { seed } = args.values;
    const model = await startModel({
      port: wholeNumber(args, 'port', 0, 0),
      latencyMs: wholeNumber(args, 'latency-ms', 0, 0),
      eventDelayMs: wholeNumber(args, 'event-delay-ms', 0, 0),
      batchMs: wholeNumber(args, 'batch-ms', 0, 0),
      ...(typeof seed === 'string' ? { seed } : {}),
    });
    output.say(`Model stand-in: ${model.url} (ANTHROPIC_BASE_URL; OPENAI_BASE_URL is ${model.url}/v1)`);
    if (!signal.aborted) await once(signal, 'abort');
    await model.close();
    return { ok: true, url: model.url };
  },
);
