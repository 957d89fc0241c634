import { startTables } from '../../../infra/local/tables.ts';
import { systemClock } from '../../../shared/clock.ts';
import { uuidV7 } from '../../../shared/ids.ts';
import { BudgetGate } from '../../../shared/limits/budget-gate.ts';
import { changeState } from '../../../shared/limits/change-state.ts';
import type { Gate, HoldRequest } from '../../../shared/limits/gate.ts';
import type { HolderRow } from '../../../shared/limits/holder-rows.ts';
import { type LearnedRow, LearnedStore } from '../../../shared/limits/learned-store.ts';
import { expandPolicies } from '../../../shared/limits/limit-id.ts';
import { spentOf } from '../../../shared/limits/limit-math.ts';
import type { LimitRow } from '../../../shared/limits/limit-rows.ts';
import { defaultPolicies, type Policy } from '../../../shared/limits/policy.ts';
import { fromUsd, toUsd } from '../../../shared/money.ts';
import { openTables } from '../../../shared/tables/open.ts';
import type { RowKey, Table, Tables } from '../../../shared/tables/table.ts';
import type { Telemetry } from '../../../shared/telemetry.ts';
import type { BenchPart, PartResult } from '../part.ts';

type Row = PartResult['rows'][number];

const quiet: Telemetry = { info() {}, warn() {}, error() {}, count() {}, measure() {} };
const roomy: Policy[] = defaultPolicies.map((policy) => ({ ...policy, maxUsd: policy.maxUsd * 1_000 }));

const part: BenchPart = {
  part: 'limits',
  async run({ progress }) {
    const azurite = await startTables();
    try {
      const count = { requests: 0 };
      const tables = counting(openTables({ connection: azurite.connectionString, prefix: 'bench' }), count);
      progress('far from every limit');
      const far = await farFromLimits(tables, count);
      progress('one transaction for each hold and each settling');
      const direct = await oneTransactionEach(tables, count);
      progress('near a limit');
      const rows: Row[] = [far, direct];
      for (const kind of ['analysis', 'finder', 'planner', 'judge'] as const) rows.push(await nearALimit(tables, kind));
      const shares = rows.flatMap((row) => (typeof row['usedShare'] === 'number' ? [row['usedShare']] : []));
      const usedShare = Math.min(...shares);
      return {
        on: ['Azurite 3.35 on 127.0.0.1', '3 limits a call (2 block, 1 allow)'],
        rows,
        goals: [
          {
            name: 'a check far from a limit',
            goal: '< 20 µs',
            got: `${far['holdMedianMicroseconds']} µs (median; mean with refills ${far['holdMeanMicroseconds']} µs)`,
            met: Number(far['holdMedianMicroseconds']) < 20,
          },
          {
            name: 'share of a limit used before the first refusal',
            goal: '≥ 0.9',
            got: String(usedShare),
            met: usedShare >= 0.9,
          },
        ],
      };
    } finally {
      await azurite.close();
    }
  },
};
export default part;

/** A steady stream of calls, with the background work of a process beside it. */
async function farFromLimits(tables: Tables, count: { requests: number }): Promise<Row> {
  const gate = gateOver(tables, roomy);
  for (let turn = 0; turn < 2_000; turn++) await oneCall(gate, turn);
  await gate.tick();
  const rounds = 200;
  const perRound = 250;
  let holdNs = 0n;
  const requests = count.requests;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < perRound; turn++) {
      const asked = request(fromUsd(0.03), turn);
      const begin = process.hrtime.bigint();
      const hold = await gate.hold(asked);
      const took = process.hrtime.bigint() - begin;
      holdNs += took;
      times.push(Number(took) / 1_000);
      await hold.settle(fromUsd(0.02), 'succeeded');
    }
    if (round % 20 === 0) await gate.tick();
  }
  const calls = rounds * perRound;
  const microseconds = Number(holdNs) / 1_000 / calls;
  times.sort((a, b) => a - b);
  const row = {
    name: 'budget slices',
    calls,
    holdMedianMicroseconds: round2(times[Math.floor(times.length / 2)] ?? 0),
    holdMeanMicroseconds: round2(microseconds),
    holdP99Microseconds: round2(times[Math.floor(times.length * 0.99)] ?? 0),
    checksPerSecond: Math.round(1e6 / microseconds),
    tableRequestsPerCall: (count.requests - requests) / calls,
  };
  await gate.close();
  return row;
}

/** What a gate without slices does: a read and a write for each block limit, before and after the call. */
async function oneTransactionEach(tables: Tables, count: { requests: number }): Promise<Row> {
  const limits = tables.open<LimitRow>('direct');
  const calls = 300;
  const requests = count.requests;
  let holdNs = 0n;
  for (let turn = 0; turn < calls; turn++) {
    const asked = request(fromUsd(0.03), turn);
    const ids = expandPolicies(roomy, asked).filter(({ policy }) => policy.type === 'block');
    const move = (held: bigint, settled: bigint) =>
      Promise.all(
        ids.map(({ limitId, policy }) =>
          changeState(limits, systemClock, limitId, (state) => {
            if (spentOf(state) + state.heldNano + held > fromUsd(policy.maxUsd)) throw new Error('no room');
            return { state: { ...state, heldNano: state.heldNano + held, settledNano: state.settledNano + settled } };
          }),
        ),
      );
    const begin = process.hrtime.bigint();
    await move(fromUsd(0.03), 0n);
    holdNs += process.hrtime.bigint() - begin;
    await move(-fromUsd(0.03), fromUsd(0.02));
  }
  const microseconds = Number(holdNs) / 1_000 / calls;
  return {
    name: 'one transaction per call and limit',
    calls,
    holdMeanMicroseconds: round2(microseconds),
    checksPerSecond: Math.round(1e6 / microseconds),
    tableRequestsPerCall: (count.requests - requests) / calls,
  };
}

/** Bounds and costs in USD as the four features have them: bytes of the request bound the first, usage makes the second. */
const features = {
  analysis: { bound: () => 0.11, actual: (random: number) => 0.03 + 0.02 * random, learned: false },
  finder: { bound: () => 12, actual: (random: number) => 0.06 + 0.1 * random ** 4, learned: true },
  planner: { bound: () => 0.07, actual: (random: number) => 0.02 + 0.02 * random, learned: false },
  judge: { bound: () => 0.004, actual: (random: number) => 0.001 + 0.001 * random, learned: false },
};

/** Calls one after the other until the first is refused: what the holds come to beside the costs, and how far the limit gets. */
async function nearALimit(tables: Tables, kind: keyof typeof features): Promise<Row> {
  const { bound, actual, learned } = features[kind];
  const maxUsd = 5;
  const gate = gateOver(tables, [{ ...(defaultPolicies[0] as Policy), name: `near-${kind}`, maxUsd }]);
  const random = generator(7);
  const ratios: number[] = [];
  let spent = 0n;
  let requests = 0;
  for (;;) {
    const asked = { ...request(fromUsd(bound()), 0), ...(learned && { learnedKey: kind }) };
    try {
      const hold = await gate.hold(asked);
      const cost = fromUsd(actual(random()));
      await hold.settle(cost, 'succeeded');
      ratios.push(Number(hold.heldNanoUsd) / Number(cost));
      spent += cost;
      requests++;
    } catch {
      break;
    }
  }
  await gate.close();
  ratios.sort((a, b) => a - b);
  return {
    name: `until refused: ${kind}`,
    calls: requests,
    holdOverActualMedian: round2(ratios[Math.floor(ratios.length / 2)] ?? 0),
    holdOverActualP95: round2(ratios[Math.floor(ratios.length * 0.95)] ?? 0),
    usedShare: round2(toUsd(spent) / maxUsd),
  };
}

function gateOver(tables: Tables, policies: Policy[]): BudgetGate {
  return new BudgetGate({
    limits: tables.open<LimitRow>('limits'),
    holders: tables.open<HolderRow>('limitholders'),
    learned: new LearnedStore(tables.open<LearnedRow>('limitlearned')),
    clock: systemClock,
    telemetry: quiet,
    policies: () => policies,
    crossed: () => undefined,
    refused: () => undefined,
  });
}

async function oneCall(gate: Gate, turn: number): Promise<void> {
  const hold = await gate.hold(request(fromUsd(0.03), turn));
  await hold.settle(fromUsd(0.02), 'succeeded');
}

const request = (boundNanoUsd: bigint, turn: number): HoldRequest => ({
  useCaseName: 'trail_analysis',
  userId: `user-${turn % 50}`,
  occurredAtMs: systemClock.now(),
  boundNanoUsd,
  eventId: uuidV7(systemClock.now()),
  category: 'system.anthropic',
  resource: 'claude-sonnet-5-5',
  useCaseId: 'instance',
});

/** Tables that count the requests made of them. */
function counting(tables: Tables, count: { requests: number }): Tables {
  return {
    open<R extends RowKey>(name: string): Table<R> {
      return new Proxy(tables.open<R>(name), {
        get(target, member, receiver) {
          const value = Reflect.get(target, member, receiver) as unknown;
          if (typeof value !== 'function') return value;
          return (...given: unknown[]) => {
            count.requests++;
            return (value as (...given: unknown[]) => unknown).apply(target, given);
          };
        },
      });
    },
  };
}

/** The same numbers of [0, 1) at each run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const round2 = (value: number): number => Math.round(value * 100) / 100;
