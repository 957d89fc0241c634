import { allOrNone } from '../../../infra/local/all-or-none.ts';
import { startServices } from '../../../infra/local/services.ts';
import { type Block, type DoorSubject, type Mode, startDoorSubject } from '../door/subject.ts';
import { estimate, quantile } from '../method/estimate.ts';
import { inPairs, measureInRounds } from '../method/rounds.ts';
import { areDecided, judgeClaim } from '../method/verdict.ts';
import type { BenchPart, Goal, PartResult } from '../part.ts';

const BARE = 'bare function that passes on with fetch (floor)';
const OURS = 'gateway, everything on';
const UNLIMITED = 'gateway, no limits';
const WHOLE = 'whole app in one process, ingest too';
const callCount = Number(process.env['BENCH_CALLS'] ?? 160);
const warmUpCalls = 5 * callCount;
const looks = [12, 24, 48];
const GOAL = 0.8;

/** Far from its limits, as most calls are. */
const benchLimits = [
  { name: 'daily-budget', scope: 'global', window: 'day', maxUsd: 900_000, type: 'block' },
  { name: 'user-daily', scope: 'user', window: 'day', maxUsd: 900_000, type: 'block' },
];

/** CPU of a call through the Anthropic gateway, compared with a bare function under the same host. */
const part: BenchPart = {
  part: 'door',
  run: ({ progress }) => allOrNone((stands, close) => measure(progress, stands, close)),
};
export default part;

type Stands = Parameters<Parameters<typeof allOrNone>[0]>[0];

async function measure(
  progress: (text: string) => void,
  stands: Stands,
  close: () => Promise<void>,
): Promise<PartResult> {
  const { settings: given } = await startServices({ keepModelCalls: 10 }, stands);
  const settings = { ...given, LIMITS: JSON.stringify(benchLimits), DEV_IDENTITY: 'sam:user' };
  const apps = [
    [BARE, 'bare.ts', settings],
    [OURS, 'calls.ts', settings],
    [UNLIMITED, 'calls.ts', { ...settings, LIMITS_ENABLED: 'false' }],
    [WHOLE, 'whole.ts', settings],
  ] as const;
  progress('starting');
  const doors = new Map<string, DoorSubject>();
  for (const [name, entry, env] of apps) {
    const door = await startDoorSubject(entry, env);
    stands(() => door.close());
    doors.set(name, door);
  }
  const rows: PartResult['rows'] = [];
  const goals: Goal[] = [];
  for (const mode of ['JSON', 'SSE'] as const) {
    progress(`${mode}: warming up`);
    for (const door of doors.values()) await door.block(mode, warmUpCalls);
    progress(`${mode}: measuring`);
    const measured = await measureInRounds(
      new Map([...doors].map(([name, door]) => [name, () => door.block(mode, callCount)])),
      (blocks) => areDecided([goalOf(mode, blocks)]),
      looks,
    );
    for (const [name, blocks] of measured) rows.push({ name: `${mode}: ${name}`, ...figures(blocks, measured) });
    goals.push(goalOf(mode, measured));
  }
  await close();
  return {
    on: [
      '16 calls at once, model at 0 ms; CPU is that of the process which runs the function, the host’s worker in it',
      'events are acknowledged by the broker; only the whole app takes them from the queue',
      'our Functions host, broker, Pay-i and model stand-ins; Azurite 3.35.0',
    ],
    rows,
    goals,
  };
}

/** The floor's CPU divided by the gateway's: 1 is as cheap as the floor. */
const shareOf = (name: string, measured: Map<string, Block[]>): number[] =>
  inPairs(measured, BARE, name, (bare, ours) => bare.cpuUs / ours.cpuUs);

const goalOf = (mode: Mode, measured: Map<string, Block[]>): Goal =>
  judgeClaim(
    { name: `${mode}: calls for the CPU of the bare function`, unit: 'of it', digits: 2, atLeast: GOAL },
    shareOf(OURS, measured),
  );

function figures(blocks: Block[], measured: Map<string, Block[]>) {
  const times = blocks.flatMap(({ timesMs }) => timesMs);
  const name = [...measured].find(([, value]) => value === blocks)?.[0] ?? BARE;
  const share = estimate(shareOf(name, measured));
  return {
    rounds: blocks.length,
    cpuUs: Math.round(estimate(blocks.map(({ cpuUs }) => cpuUs)).median),
    shareOfFloor: Number(share.median.toFixed(2)),
    shareLow: Number(share.low.toFixed(2)),
    shareHigh: Number(share.high.toFixed(2)),
    p50Ms: Number(quantile(times, 0.5).toFixed(1)),
    p99Ms: Number(quantile(times, 0.99).toFixed(1)),
  };
}
