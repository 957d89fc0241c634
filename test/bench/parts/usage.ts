import { startTables } from '../../../infra/local/tables/src/tables.ts';
import { openTables } from '../../../shared/tables/open.ts';
import type { BenchPart } from '../part.ts';
import { measureAnswers } from '../usage/answers.ts';
import { measureExport } from '../usage/export.ts';
import { measureFold } from '../usage/fold.ts';

/** Of a month. */
const eventCount = Number(process.env['BENCH_EVENTS'] ?? 1_000_000);
const USERS = 10_000;
/** Hours of the ledger that are folded. */
const HOURS = 12;
/** Garbage of filling the ledger falls into some rounds: the median counts. */
const FOLD_ROUNDS = 9;
/** Events of the hour that is exported. */
const EXPORTED = 120_000;

const part: BenchPart = {
  part: 'usage',
  async run({ progress }) {
    const azurite = await startTables();
    try {
      const open = (prefix: string) => openTables({ connection: azurite.connectionString, prefix, timeoutMs: 30_000 });
      progress(`fold of ${HOURS} hours`);
      const hourly = { eventsPerHour: Math.round(eventCount / 720), users: USERS };
      // Of the same kind, before anything is measured: the first run pays for compiling.
      await measureFold(open('warm'), { hours: 2, ...hourly });
      const rounds = [];
      for (let round = 0; round < FOLD_ROUNDS; round++)
        rounds.push(await measureFold(open(`fold${round}`), { hours: HOURS, ...hourly }));
      const fold = rounds.sort((a, b) => a.cpuMicrosPerEvent - b.cpuMicrosPerEvent)[Math.floor(FOLD_ROUNDS / 2)];
      if (!fold) throw new Error('The fold was not measured.');
      progress(`export of an hour with ${EXPORTED} events`);
      await measureExport({ events: 3_000, users: USERS });
      const exported = await measureExport({ events: EXPORTED, users: USERS });
      progress(`rollups of ${eventCount} events of ${USERS} users in 30 days`);
      const { answers, storage } = await measureAnswers(open('month'), { events: eventCount, users: USERS }, progress);
      const ms = (name: string, most: number) => {
        const got = answers.find((row) => row.name === name)?.medianMs ?? Number.POSITIVE_INFINITY;
        return { name, goal: `< ${most} ms`, got: `${got} ms`, met: got < most };
      };
      const most = (name: string, limit: number, got: number) => ({
        name,
        goal: `≤ ${limit}`,
        got: String(got),
        met: got <= limit,
      });
      return {
        on: [
          'Azurite 3.35.0 on this machine',
          `${eventCount} events of ${USERS} users in 30 days, 5 use cases, 3 models`,
        ],
        rows: [{ name: 'fold', ...fold }, { name: 'export', ...exported }, ...answers, { name: 'rollups', ...storage }],
        goals: [
          most('fold: µs of CPU an event', 30, fold.cpuMicrosPerEvent),
          most('fold: table requests an event', 0.02, fold.tableRequestsPerEvent),
          most('export: µs of CPU an event', 30, exported.cpuMicrosPerEvent),
          most('export: MB of memory for a busy hour', 250, Math.max(exported.heapMb, exported.comparedHeapMb)),
          ms('by day and use case', 1_000),
          ms('by user, first page', 2_000),
        ],
      };
    } finally {
      await azurite.close();
    }
  },
};
export default part;
