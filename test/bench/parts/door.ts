import { allOrNone } from '../../../infra/local/all-or-none.ts';
import { startServices } from '../../../infra/local/services.ts';
import { type Block, type CallKind, callBlock, type Door } from '../door/calls.ts';
import { chunkDelays, startTimedProvider } from '../door/chunk-delays.ts';
import { startFunctionDoor } from '../door/function-door.ts';
import { startPortkeyDoor } from '../door/portkey-door.ts';
import { estimate, quantile } from '../method/estimate.ts';
import { inPairs, measureInRounds } from '../method/rounds.ts';
import { areDecided, judgeClaim } from '../method/verdict.ts';
import type { BenchPart, Goal, PartResult } from '../part.ts';

const BARE = 'bare function that passes on with fetch (floor)';
const OURS = 'gateway, everything on';
const UNLIMITED = 'gateway, no limits';
const WHOLE = 'whole app in one process, ingest too';
const PORTKEY = 'Portkey 1.15.2, without a host';
const DIRECT = 'no gateway';
const callCount = Number(process.env['BENCH_CALLS'] ?? 160);
/** With fewer, what is measured is Node's compiler. */
const warmUpCalls = 20 * callCount;
const looks = [12, 24];
const GOAL = 0.8;
const STREAMS = 100;
const CHUNK_MS = 5;
const PORTKEY_PORT = 18_787;
const kinds: CallKind[] = [
  { api: 'Anthropic', mode: 'JSON' },
  { api: 'Anthropic', mode: 'SSE' },
  { api: 'OpenAI', mode: 'JSON' },
  { api: 'OpenAI', mode: 'SSE' },
];

/** Far from its limits, as most calls are. */
const benchLimits = [
  { name: 'daily-budget', scope: 'global', window: 'day', maxUsd: 900_000, type: 'block' },
  { name: 'user-daily', scope: 'user', window: 'day', maxUsd: 900_000, type: 'block' },
];

/** CPU of a call through the gateways, compared with a bare function under the same host and with Portkey; and how long a chunk takes. */
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
  const open = async (starting: Promise<Door>): Promise<Door> => {
    const door = await starting;
    stands(() => door.close());
    return door;
  };
  progress('starting');
  const doors = new Map([
    [BARE, await open(startFunctionDoor('bare.ts', settings))],
    [OURS, await open(startFunctionDoor('calls.ts', settings))],
    [UNLIMITED, await open(startFunctionDoor('calls.ts', { ...settings, LIMITS_ENABLED: 'false' }))],
    [WHOLE, await open(startFunctionDoor('whole.ts', settings))],
    [PORTKEY, await open(startPortkeyDoor(PORTKEY_PORT, providersOf(given), progress))],
  ]);
  const rows: PartResult['rows'] = [];
  const goals: Goal[] = [];
  for (const kind of kinds) {
    const name = `${kind.api} ${kind.mode}`;
    progress(`${name}: warming up`);
    for (const door of doors.values()) await callBlock(door, kind, warmUpCalls);
    progress(`${name}: measuring`);
    const measured = await measureInRounds(
      new Map([...doors].map(([door, subject]) => [door, () => callBlock(subject, kind, callCount)])),
      (blocks) => areDecided(goalsOf(name, blocks)),
      looks,
    );
    for (const [door, blocks] of measured) rows.push({ name: `${name}: ${door}`, ...figures(door, blocks, measured) });
    goals.push(...goalsOf(name, measured));
  }
  const chunks = await measureChunks(settings, progress, open, stands);
  await close();
  return {
    on: [
      '16 calls at once, model at 0 ms; CPU is that of the process which runs the function, the host’s worker in it',
      'events are acknowledged by the broker; only the whole app takes them from the queue',
      'our Functions host, broker, Pay-i and model stand-ins; Azurite 3.35.0',
      'Portkey has no host before it, limits nothing and reports nothing; it runs with the hono of its release',
      `chunks: ${STREAMS} streams at once, begun within a second, 20 chunks a second each; provider and readers share a process, whose delay is in each row`,
    ],
    rows: [...rows, ...chunks.rows],
    goals: [...goals, ...chunks.goals],
  };
}

function providersOf(settings: Record<string, string>) {
  const of = (api: string, path = '') => ({
    baseUrl: `${settings[`${api}_BASE_URL`]}${path}`,
    apiKey: settings[`${api}_API_KEY`] ?? '',
  });
  return { Anthropic: of('ANTHROPIC', '/v1'), OpenAI: of('OPENAI') };
}

/** The other's CPU divided by the gateway's: 1 is as cheap as the other. */
const shareOf = (other: string, name: string, measured: Map<string, Block[]>): number[] =>
  inPairs(measured, other, name, (theirs, ours) => theirs.cpuUs / ours.cpuUs);

function goalsOf(name: string, measured: Map<string, Block[]>): Goal[] {
  const against = (other: string, of: string, atLeast: number) =>
    judgeClaim(
      { name: `${name}: calls for the CPU of ${of}`, unit: 'of it', digits: 2, atLeast },
      shareOf(other, OURS, measured),
    );
  const p99 = judgeClaim(
    { name: `${name}: p99 of Portkey`, unit: 'times our p99', digits: 2, atLeast: 1 },
    inPairs(measured, PORTKEY, OURS, (theirs, ours) => quantile(theirs.timesMs, 0.99) / quantile(ours.timesMs, 0.99)),
  );
  return [against(BARE, 'the bare function', GOAL), against(PORTKEY, 'Portkey', 1), p99];
}

function figures(name: string, blocks: Block[], measured: Map<string, Block[]>) {
  const times = blocks.flatMap(({ timesMs }) => timesMs);
  const share = estimate(shareOf(BARE, name, measured));
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

async function measureChunks(
  given: Record<string, string>,
  progress: (text: string) => void,
  open: (starting: Promise<Door>) => Promise<Door>,
  stands: Stands,
): Promise<Pick<PartResult, 'rows' | 'goals'>> {
  progress(`chunks of ${STREAMS} streams`);
  const provider = await startTimedProvider();
  stands(() => provider.close());
  const settings = { ...given, ANTHROPIC_BASE_URL: provider.url };
  const addresses = new Map([
    [DIRECT, { url: provider.url, headers: {} }],
    [BARE, (await open(startFunctionDoor('bare.ts', settings))).addressOf('Anthropic')],
    [OURS, (await open(startFunctionDoor('calls.ts', settings))).addressOf('Anthropic')],
  ]);
  for (const address of addresses.values()) await chunkDelays(address, STREAMS);
  const goalOf = (measured: Map<string, number[][]>) =>
    judgeClaim(
      { name: `a chunk of ${STREAMS} streams at p99`, unit: 'ms', digits: 1, below: CHUNK_MS },
      (measured.get(OURS) ?? []).map((delays) => quantile(delays, 0.99)),
    );
  const measured = await measureInRounds(
    new Map([...addresses].map(([name, address]) => [name, () => chunkDelays(address, STREAMS)])),
    (rounds) => areDecided([goalOf(rounds)]),
    looks,
  );
  const rows = [...measured].map(([name, rounds]) => ({
    name: `chunks: ${name}`,
    rounds: rounds.length,
    p50Ms: Number(quantile(rounds.flat(), 0.5).toFixed(1)),
    p99Ms: Number(quantile(rounds.flat(), 0.99).toFixed(1)),
  }));
  return { rows, goals: [goalOf(measured)] };
}
