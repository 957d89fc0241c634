import { startModel } from '../../../infra/local/model/src/server.ts';
import { startPayi } from '../../../infra/local/payi/src/server.ts';
import { queues } from '../../../infra/local/queues.ts';
import { startBroker } from '../../../infra/local/servicebus/src/broker.ts';
import { startTables } from '../../../infra/local/tables/src/tables.ts';
import { judgeClaim } from '../method/verdict.ts';
import type { BenchPart, Goal, PartResult } from '../part.ts';
import { installPeers } from '../peers/install.ts';
import { buildSubjects } from '../tracking/build-subjects.ts';
import { type Added, type Compared, compare } from '../tracking/compare.ts';
import { CALLS_AT_ONCE, type Mode, modes } from '../tracking/serve-blocks.ts';
import { startSpanSink } from '../tracking/span-sink.ts';
import { startSubject } from '../tracking/subject.ts';

const GOAL_US = 100;
const BARE = 'SDK 1.12 bare';
const BARE_0 = 'SDK 0.137 bare';
/** What Node charges for any AsyncLocalStorage, the peers' included, by the promises of the SDK. */
const CONTEXT = 'SDK 1.12 bare, inside a trackContext';
const ALONE = 'trailmeter tracked(), gate and publisher in memory';
const OURS = 'trailmeter whole app, every event acknowledged';
const peerNames = ['Langfuse (OpenInference) on SDK 1.12', 'OpenLLMetry on SDK 0.137'];
/** Far from its limits, as most calls are; both block limits and the allow limit of the defaults apply. */
const benchLimits = [
  { name: 'daily-budget', scope: 'global', window: 'day', maxUsd: 900_000, type: 'block' },
  { name: 'monthly-budget', scope: 'global', window: 'month', maxUsd: 900_000, type: 'allow' },
  { name: 'user-daily', scope: 'user', window: 'day', maxUsd: 900_000, type: 'block' },
];

/** CPU that a call of the official SDK takes more for being tracked, beside two peers, on the model stand-in. */
const part: BenchPart = { part: 'tracking', run };
export default part;

async function run({ progress }: { progress: (text: string) => void }): Promise<PartResult> {
  await installPeers('tracking', '@langfuse', progress);
  const { ours, peer } = await buildSubjects();
  const [model, broker, tables, payi, sink] = await Promise.all([
    startModel(),
    startBroker({ config: queues, port: 0 }),
    startTables(),
    startPayi(),
    startSpanSink(),
  ]);
  const settings = JSON.stringify({
    ServiceBusConnection: broker.connectionString,
    TablesConnection: tables.connectionString,
    PAYI_BASE_URL: payi.url,
    PAYI_API_KEY: 'bench',
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'local',
    LIMITS: JSON.stringify(benchLimits),
  });
  const rows: PartResult['rows'] = [];
  const goals: PartResult['goals'] = [];
  try {
    for (const mode of modes) {
      progress(`${mode}: warming up`);
      const subject = (script: string, ...args: string[]) => startSubject(script, [model.url, mode, ...args]);
      const subjects: Compared[] = [
        { name: BARE, subject: await subject(ours, 'bare') },
        { name: BARE_0, subject: await subject(peer, 'bare') },
        { name: CONTEXT, subject: await subject(ours, 'context'), against: BARE },
        { name: ALONE, subject: await subject(ours, 'alone'), against: BARE },
        { name: OURS, subject: await subject(ours, 'delivered', settings), against: BARE },
        { name: peerNames[0] ?? '', subject: await subject(peer, 'langfuse', sink.url), against: BARE },
        { name: peerNames[1] ?? '', subject: await subject(peer, 'openllmetry', sink.url), against: BARE_0 },
      ];
      progress(`${mode}: measuring`);
      const compared = await compare(subjects, (added) => goalsOf(mode, added));
      await Promise.all(subjects.map((one) => one.subject.close()));
      for (const [name, row] of compared.figures) rows.push({ name: `${mode}: ${name}`, ...row });
      goals.push(...compared.goals);
    }
    if (sink.posts() === 0) throw new Error('No span of the peers arrived: they were not measured.');
  } finally {
    await Promise.all([model.close(), broker.close(), tables.close(), payi.close(), sink.close()]);
  }
  return {
    on: [
      '@anthropic-ai/sdk 1.12.0, and 0.137.0 for OpenLLMetry, whose patch fails with 1.x',
      '@langfuse/otel 5.11.1 with @arizeai/openinference-instrumentation-anthropic 0.2.8',
      '@traceloop/instrumentation-anthropic 0.27.0',
      `${CALLS_AT_ONCE} calls in flight, each subject in a process of its own, stand-ins in others; CPU is process.cpuUsage, GC included`,
      'the whole app: three limits, Azurite, the broker, an acknowledged send before each answer, logs written',
      'peers: their spans leave unacknowledged in batches over OTLP, nothing is limited',
      'the SDK makes no spans of its own, bare or tracked by anyone',
    ],
    rows,
    goals,
  };
}

function goalsOf(mode: Mode, added: Added): Goal[] {
  const ours = added(OURS);
  return [
    judgeClaim({ name: `added CPU, ${mode}`, unit: 'µs a call', below: GOAL_US }, ours),
    ...peerNames.map((peer) => {
      const theirs = added(peer);
      const difference = ours.map((value, round) => value - (theirs[round] ?? Number.NaN));
      return judgeClaim({ name: `against ${peer}, ${mode}`, unit: 'µs a call more', below: 0 }, difference);
    }),
  ];
}
