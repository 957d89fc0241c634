import { measureAgainst } from '../delivery/against.ts';
import {
  CHOSEN,
  type Delivered,
  type Deliveries,
  EIGHT,
  FLOOR,
  OURS,
  SINGLE,
  startDeliveries,
  type Way,
  ways,
} from '../delivery/ways.ts';
import { estimate } from '../method/estimate.ts';
import { inPairs, measureInRounds } from '../method/rounds.ts';
import { areDecided, judgeClaim } from '../method/verdict.ts';
import type { BenchPart, Goal, PartResult } from '../part.ts';

/** A git ref whose ingest is measured too, release against release, such as `BENCH_AGAINST=v0.1.0`. */
const ref = process.env['BENCH_AGAINST'];
/** Events of the run for the memory; `BENCH_EVENTS=1000000` is the long one. */
const eventCount = Number(process.env['BENCH_EVENTS'] ?? 20_000);
/** Of each way in a round. One call an event is slow: these many tell its rate. */
const eventsARound: Record<Way, number> = {
  [OURS]: 2_000,
  [CHOSEN]: 2_000,
  [FLOOR]: 2_000,
  [EIGHT]: 400,
  [SINGLE]: 100,
};
const looks = [12, 24, 48];
/** What a call to Pay-i takes on its way there and back, in ms, in addition to what it takes on the same machine. */
const DISTANCE_MS = 30;

/** The four ways from the queue to Pay-i: by CPU with Pay-i on the same machine, by time where Pay-i is far away. */
const part: BenchPart = {
  part: 'delivery',
  async run({ progress }) {
    const deliveries = await startDeliveries();
    try {
      progress('warming up');
      // Whoever ran first would pay for compiling what all of them use.
      for (const way of ways) await deliveries.deliver(way, 0, eventsARound[way]);
      progress('Pay-i on the same machine');
      const near = await measureWays(deliveries, 0);
      progress(`Pay-i ${DISTANCE_MS} ms away`);
      const far = await measureWays(deliveries, DISTANCE_MS);
      progress(`${eventCount} events`);
      const floor = await deliveries.deliver(FLOOR, 0, eventCount);
      const ours = await deliveries.deliver(OURS, 0, eventCount);
      const against = ref === undefined ? { rows: [], goals: [] } : await measureAgainst(ref, progress);
      return {
        on: [
          'our broker, our Pay-i stand-in and the ingest in one process',
          'Azurite 3.35.0',
          '@azure/service-bus 7.9.5',
        ],
        rows: [...near.rows, ...far.rows, ...against.rows],
        goals: [...near.goals, ...far.goals, ...goalsOfLongRun(ours, floor), ...against.goals],
      };
    } finally {
      await deliveries.close();
    }
  },
};
export default part;

async function measureWays(deliveries: Deliveries, distanceMs: number) {
  const subjects = new Map(
    ways.map((way) => [way as string, () => deliveries.deliver(way, distanceMs, eventsARound[way])]),
  );
  const judge = (measured: Map<string, Delivered[]>) => goalsOf(measured, distanceMs);
  const measured = await measureInRounds(subjects, (so) => areDecided(judge(so)), looks);
  const rows: PartResult['rows'] = ways.map((way) => {
    const taken = measured.get(way) ?? [];
    const perEvent = (figure: 'wallUs' | 'cpuUs' | 'payiCalls') =>
      estimate(taken.map((one) => one[figure] / eventsARound[way])).median;
    return {
      name: `${way}, Pay-i ${distanceMs} ms away`,
      rounds: taken.length,
      cpuUsPerEvent: Math.round(perEvent('cpuUs')),
      eventsPerSecond: Math.round(1e6 / perEvent('wallUs')),
      callsPer1000Events: Number((perEvent('payiCalls') * 1_000).toFixed(1)),
    };
  });
  return { rows, goals: judge(measured) };
}

function goalsOf(measured: Map<string, Delivered[]>, distanceMs: number): Goal[] {
  const figure = distanceMs > 0 ? 'wallUs' : 'cpuUs';
  const by = distanceMs > 0 ? `time, Pay-i ${distanceMs} ms away` : 'CPU, Pay-i on the same machine';
  const against = (way: Way) =>
    inPairs(
      measured,
      way,
      OURS,
      (theirs, ours) => theirs[figure] / eventsARound[way] / (ours[figure] / eventsARound[OURS]),
    );
  return [
    judgeClaim({ name: `against one call an event by ${by}`, unit: 'times', digits: 1, atLeast: 20 }, against(SINGLE)),
    judgeClaim({ name: `against the floor by ${by}`, unit: 'of it', digits: 2, atLeast: 0.75 }, against(FLOOR)),
    judgeClaim(
      { name: `ids chosen by callers against ids made here by ${by}`, unit: 'of it', digits: 2, atLeast: 0.95 },
      against(CHOSEN).map((share) => 1 / share),
    ),
  ];
}

function goalsOfLongRun(ours: Delivered, floor: Delivered): Goal[] {
  const calls = Number(((ours.payiCalls / eventCount) * 1_000).toFixed(1));
  // The stand-ins keep every event in this process, for the floor as for us.
  const growthMb = ours.heapGrowthMb - floor.heapGrowthMb;
  return [
    { name: 'calls per 1,000 events', goal: '≤ 50', got: `${calls}`, met: calls <= 50 },
    {
      name: `memory over ${eventCount} events`,
      goal: 'heap grows by ≤ 20 MB more than the floor’s',
      got: `${growthMb} MB`,
      met: growthMb <= 20,
    },
  ];
}
