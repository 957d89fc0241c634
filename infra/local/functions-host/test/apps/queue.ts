import { setTimeout as delay } from 'node:timers/promises';
import { app, output } from '@azure/functions';

/** Notes what its queue functions are given, and how they run. */
app.setup({
  enableHttpStream: true,
  ...(process.env['KEEP_EMPTY'] && { capabilities: { IncludeEmptyEntriesInMessagePayload: true } }),
});

interface Run {
  name: string;
  messages: unknown;
  metadata: Record<string, unknown>;
  startedAt: number;
  endedAt: number;
}

const runs: Run[] = [];

const note = (name: string) => async (messages: unknown, context: { triggerMetadata?: Record<string, unknown> }) => {
  const run: Run = { name, messages, metadata: context.triggerMetadata ?? {}, startedAt: Date.now(), endedAt: 0 };
  runs.push(run);
  await delay(Number(process.env['TAKES_MS'] ?? 0));
  run.endedAt = Date.now();
  if (JSON.stringify(messages).includes('fail')) throw new Error('failed on purpose');
};

app.serviceBusQueue('many', {
  connection: 'Bus',
  queueName: '%MANY_QUEUE%',
  cardinality: 'many',
  handler: note('many'),
});
app.serviceBusQueue('one', { connection: 'Bus', queueName: 'one', handler: note('one') });
app.serviceBusQueue('relay', {
  connection: 'Bus',
  queueName: 'relay',
  return: output.serviceBusQueue({ connection: 'Bus', queueName: 'out' }),
  handler: (message) => [message, 'text', { object: true }],
});
app.http('runs', { route: 'runs', handler: async () => ({ jsonBody: runs }) });
