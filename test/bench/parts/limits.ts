import { startTables } from '../../../infra/local/tables/src/tables.ts';
import { BudgetGate } from '../../../shared/limits/gate/budget-gate.ts';
import type { Gate, HoldRequest } from '../../../shared/limits/gate/gate.ts';
import { type LearnedRow, LearnedStore } from '../../../shared/limits/gate/learned-store.ts';
import type { OwnerRow } from '../../../shared/limits/owners/owner-rows.ts';
import { LimitReachedError } from '../../../shared/limits/policies/errors.ts';
import { expandPolicies } from '../../../shared/limits/policies/limit-id.ts';
import { noOverrides, type Overrides, overrideId } from '../../../shared/limits/policies/overrides/override.ts';
import { defaultPolicies, maximumOf, type Policy, policySchema } from '../../../shared/limits/policies/policy.ts';
import { firstKeyOf } from '../../../shared/limits/policies/scope-keys.ts';
import { changeState } from '../../../shared/limits/state/change-state.ts';
import { spentOf } from '../../../shared/limits/state/limit-math.ts';
import type { LimitRow } from '../../../shared/limits/state/limit-rows.ts';
import { openTables } from '../../../shared/tables/open.ts';
import type { Tables } from '../../../shared/tables/table.ts';
import type { Telemetry } from '../../../shared/telemetry/telemetry.ts';
import { systemClock } from '../../../shared/util/clock.ts';
import { uuidV7 } from '../../../shared/util/ids.ts';
import { fromUsd, toUsd } from '../../../shared/util/money.ts';
import { costing, toolsCosting } from '../../support/amounts.ts';
import { counting } from '../count-requests.ts';
import { type Feature, features, type RecordedCall, recordCalls } from '../limits/record.ts';
import type { BenchPart, PartResult } from '../part.ts';

type Row = PartResult['rows'][number];

/** Runs of a feature that are recorded, each on another input. */
const RECORDED_RUNS = 60;

const quiet: Telemetry = { info() {}, warn() {}, error() {}, count() {}, measure() {} };
const roomy: Policy[] = defaultPolicies.map((policy) => ({ ...policy, maxUsd: (policy.maxUsd ?? 0) * 1_000 }));

/** Of several kinds of keys, windows and units. */
const tenPolicies: Policy[] = [
  { name: 'all', scope: 'global', window: 'day' },
  { name: 'month', scope: 'global', window: 'month', zone: 'Europe/Berlin' },
  { name: 'use-case', scope: 'use_case', window: 'week', maxima: { trail_analysis: 900_000 } },
  { name: 'user', scope: 'user', window: 'day' },
  { name: 'user-use-case', scope: 'user+use_case', window: 'month' },
  { name: 'user-hour', scope: 'user', window: 'hour' },
  { name: 'model', scope: 'model', window: 'day' },
  { name: 'tier', scope: 'property', property: 'tier', window: 'day', maxima: { enterprise: 900_000 } },
  { name: 'tokens', scope: 'user', window: 'quarter', unit: 'tokens' },
  { name: 'requests', scope: 'global', window: 'day', unit: 'requests' },
].map((facts) => {
  const maximum = 'unit' in facts ? { max: 1_000_000_000_000 } : { maxUsd: 1_000_000 };
  return policySchema.parse({ type: 'block', ...maximum, ...facts });
});
/** Of half the users of the calls. */
const tenOverrides: Overrides = new Map(
  Array.from({ length: 25 }, (_, nth) => {
    const name = `user-${nth}`;
    const one = { policy: 'user', name, key: firstKeyOf('user', name), maxUsd: 900_000, until: '2099-01-01T00:00:00Z' };
    return [overrideId(one), one];
  }),
);

const part: BenchPart = {
  part: 'limits',
  async run({ progress }) {
    const azurite = await startTables();
    try {
      const count = { requests: 0 };
      const tables = counting(openTables({ connection: azurite.connectionString, prefix: 'bench' }), count);
      progress('far from every limit');
      const far = await farFromLimits(tables, count, roomy, noOverrides);
      progress('far from the limits of ten policies');
      const ten = await farFromLimits(tables, count, tenPolicies, tenOverrides);
      progress('one transaction for each hold and each settling');
      const direct = await oneTransactionEach(tables, count);
      const rows: Row[] = [far, { ...ten, name: 'budget slices, ten policies' }, direct];
      for (const feature of features) {
        progress(`near a limit: ${feature}`);
        rows.push(await nearALimit(tables, feature));
      }
      const shares = rows.flatMap((row) => (typeof row['usedShare'] === 'number' ? [row['usedShare']] : []));
      const usedShare = Math.min(...shares);
      return {
        on: ['Azurite 3.35 on 127.0.0.1', '3 limits a call (2 block, 1 allow)'],
        rows,
        goals: [
          {
            name: 'a check far from a limit',
            goal: '< 20 µs',
            got: `${far['holdMeanMicroseconds']} µs (mean with refills; median ${far['holdMedianMicroseconds']} µs)`,
            met: Number(far['holdMeanMicroseconds']) < 20,
          },
          {
            name: 'a check far from the limits of ten policies',
            goal: '< 20 µs',
            got: `${ten['holdMeanMicroseconds']} µs (mean with refills; median ${ten['holdMedianMicroseconds']} µs; ${ten['tableRequestsPerCall']} table requests)`,
            met: Number(ten['holdMeanMicroseconds']) < 20,
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
async function farFromLimits(
  tables: Tables,
  count: { requests: number },
  policies: readonly Policy[],
  overrides: Overrides,
): Promise<Row> {
  const gate = gateOver(tables, policies, overrides);
  for (let turn = 0; turn < 2_000; turn++) await oneCall(gate, turn);
  await gate.tick();
  const rounds = 200;
  const perRound = 250;
  let holdNs = 0n;
  const requests = count.requests;
  const times: number[] = [];
  const cpu = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    // A server comes to its other work between requests.
    await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < perRound; turn++) {
      const asked = request(fromUsd(0.03), turn);
      const begin = process.hrtime.bigint();
      const hold = await gate.hold(asked);
      const took = process.hrtime.bigint() - begin;
      holdNs += took;
      times.push(Number(took) / 1_000);
      await hold.settle(costing(fromUsd(0.02)), 'succeeded');
    }
    if (round % 20 === 0) await gate.tick();
  }
  const { user, system } = process.cpuUsage(cpu);
  const cpuMicroseconds = user + system;
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
    cpuMicrosecondsPerCall: round2(cpuMicroseconds / calls),
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
          changeState({ limits, clock: systemClock, random: Math.random }, limitId, (state) => {
            if (spentOf(state) + state.heldNano + held > maximumOf(policy)) throw new Error('no room');
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

/**
 * The recorded calls of a feature, one after the other and over again, until the first is refused: what the holds come to
 * besides the costs, and how far the limit gets.
 */
async function nearALimit(tables: Tables, feature: Feature): Promise<Row> {
  const recorded = await recordCalls(feature, RECORDED_RUNS, 7);
  const maxUsd = 5;
  const gate = gateOver(tables, [{ ...(defaultPolicies[0] as Policy), name: `near-${feature}`, maxUsd }]);
  const ratios: number[] = [];
  let spent = 0n;
  for (let turn = 0; ; turn++) {
    const { boundNano, exactNano, serverTools, toolsNano, actualNano } = recorded[
      turn % recorded.length
    ] as RecordedCall;
    const asked: HoldRequest = {
      ...request(boundNano, 0),
      ...(exactNano !== undefined && { exactBound: async () => costing(exactNano) }),
      ...(serverTools && { serverTools }),
    };
    const hold = await gate.hold(asked).catch((error: unknown) => {
      if (error instanceof LimitReachedError) return undefined;
      throw error;
    });
    if (!hold) break;
    await hold.settle(costing(actualNano), 'succeeded', toolsNano === undefined ? undefined : toolsCosting(toolsNano));
    ratios.push(Number(hold.heldNanoUsd) / Number(actualNano));
    spent += actualNano;
  }
  await gate.close();
  ratios.sort((a, b) => a - b);
  return {
    name: `until refused: ${feature}`,
    recordedCalls: recorded.length,
    calls: ratios.length,
    holdOverActualMedian: round2(ratios[Math.floor(ratios.length / 2)] ?? 0),
    holdOverActualP95: round2(ratios[Math.floor(ratios.length * 0.95)] ?? 0),
    usedShare: round2(toUsd(spent) / maxUsd),
  };
}

function gateOver(tables: Tables, policies: readonly Policy[], overrides = noOverrides): BudgetGate {
  return new BudgetGate({
    limits: tables.open<LimitRow>('limits'),
    holders: tables.open<OwnerRow>('limitholders'),
    learned: new LearnedStore(tables.open<LearnedRow>('limitlearned'), systemClock),
    clock: systemClock,
    random: Math.random,
    telemetry: quiet,
    policies: () => policies,
    overrides: () => overrides,
    crossed: () => undefined,
    refused: () => undefined,
    ask: async () => undefined,
  });
}

async function oneCall(gate: Gate, turn: number): Promise<void> {
  const hold = await gate.hold(request(fromUsd(0.03), turn));
  await hold.settle(costing(fromUsd(0.02)), 'succeeded');
}

const request = (boundNanoUsd: bigint, turn: number): HoldRequest => ({
  useCaseName: 'trail_analysis',
  userId: `user-${turn % 50}`,
  occurredAtMs: systemClock.now(),
  bound: costing(boundNanoUsd),
  eventId: uuidV7(systemClock.now()),
  category: 'system.anthropic',
  resource: 'claude-sonnet-5-5',
  models: ['claude-sonnet-5-5'],
  properties: { tier: 'enterprise' },
  useCaseId: 'instance',
});

/** Tables that count the requests made of them. */
const round2 = (value: number): number => Math.round(value * 100) / 100;
