import { allOrNone } from '../../../infra/local/all-or-none.ts';
import { startPayi } from '../../../infra/local/payi/src/server.ts';
import { queues } from '../../../infra/local/queues.ts';
import { startBroker } from '../../../infra/local/servicebus/src/broker.ts';
import { startTables } from '../../../infra/local/tables/src/tables.ts';
import { estimate } from '../method/estimate.ts';
import { inPairs, measureInRounds } from '../method/rounds.ts';
import { areDecided, judgeClaim } from '../method/verdict.ts';
import type { BenchPart, Goal } from '../part.ts';
import { type CallsMade, startCallers } from '../scale/callers.ts';

const USERS = 100;
const callCount = Number(process.env['BENCH_CALLS'] ?? 500);
const looks = [12, 24];
/** A call may cost this many times as much. */
const MOST_GROWTH = 1.25;

const subjects = [
  { name: `1 process, ${USERS} users`, processes: 1, users: USERS },
  { name: '2 processes', processes: 2, users: USERS },
  { name: '4 processes', processes: 4, users: USERS },
  { name: '10 times the users', processes: 1, users: 10 * USERS },
  { name: '100 times the users', processes: 1, users: 100 * USERS },
];
const [{ name: BASE } = { name: '' }] = subjects;

/** What a call costs with more processes, more limits, and after more calls. */
const part: BenchPart = {
  part: 'scale',
  run: ({ progress }) =>
    allOrNone(async (stands, close) => {
      const [broker, payi, azurite] = await Promise.all([
        startBroker({ config: queues, port: 0 }),
        startPayi(),
        startTables(),
      ]);
      for (const stand of [broker, payi, azurite]) stands(() => stand.close());
      const start = (processes: number, prefix: string) => {
        const busConnection = broker.connectionString;
        const setup = { tablesConnection: azurite.connectionString, prefix, busConnection, payiUrl: payi.url };
        const callers = startCallers(processes, setup);
        stands(() => callers.close());
        return callers;
      };
      const runs = new Map<string, () => Promise<CallsMade>>();
      for (const [place, { name, processes, users }] of subjects.entries()) {
        progress(`${name}: warming up`);
        const callers = start(processes, `scale${place}`);
        await callers.warmUp(users + callCount, users);
        runs.set(name, () => callers.run(callCount, users));
      }
      progress('measuring');
      const measured = await measureInRounds(runs, (made) => areDecided(goalsOf(made)), looks);
      const rows = [...measured].map(([name, made]) => ({ name, rounds: made.length, ...figuresOf(made) }));

      const long = start(1, 'scalelong');
      await long.warmUp(callCount, USERS);
      const after = new Map<number, CallsMade>();
      for (const times of [1, 10, 100]) {
        progress(`${times * callCount} calls`);
        after.set(times, await long.run(times * callCount, USERS));
      }
      for (const [times, made] of after)
        rows.push({ name: `${times * callCount} calls`, rounds: 1, ...figuresOf([made]) });
      const growth = (after.get(100)?.cpuUsPerCall ?? 0) / (after.get(1)?.cpuUsPerCall ?? 1);
      await close();
      return {
        on: [
          'our broker and Pay-i stand-in; Azurite 3.35.0',
          'default policies, 16 calls at once in each process',
          'nobody ingests',
        ],
        rows,
        goals: [
          ...goalsOf(measured),
          {
            name: 'CPU of a call, 100 times the calls',
            goal: `≤ ${MOST_GROWTH} times`,
            got: growth.toFixed(2),
            met: growth <= MOST_GROWTH,
          },
        ],
      };
    }),
};
export default part;

function goalsOf(measured: Map<string, CallsMade[]>): Goal[] {
  return subjects.slice(1).map(({ name }) =>
    judgeClaim(
      { name: `CPU of a call, ${name}`, unit: 'times', digits: 2, below: MOST_GROWTH },
      inPairs(measured, BASE, name, (base, more) => more.cpuUsPerCall / base.cpuUsPerCall),
    ),
  );
}

function figuresOf(made: CallsMade[]) {
  const median = (figure: keyof CallsMade) => estimate(made.map((one) => one[figure])).median;
  return {
    cpuUsPerCall: Math.round(median('cpuUsPerCall')),
    callsPerSecond: Math.round(median('callsPerSecond')),
    tableRequestsPerCall: Number(median('tableRequestsPerCall').toFixed(2)),
  };
}
