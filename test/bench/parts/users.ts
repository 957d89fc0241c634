import { startTables } from '../../../infra/local/tables/src/tables.ts';
import { MemoryTables } from '../../support/memory-tables.ts';
import type { BenchPart } from '../part.ts';
import { asSlowAsTheService, tableService } from '../users/table-service.ts';
import { measureTimers } from '../users/timers.ts';
import { DISTANCE_MS, measureTraffic } from '../users/traffic.ts';

const userCounts = [1, 100, 10_000];
/** Calls of each row: with 10,000 users each call is a user's first. */
const callCount = Number(process.env['BENCH_CALLS'] ?? 10_000);
const limitCount = Number(process.env['BENCH_LIMITS'] ?? 100_000);

const part: BenchPart = {
  part: 'users',
  async run({ progress }) {
    const rows = [];
    for (const users of userCounts) {
      progress(`${users} users, ${callCount} calls`);
      const row = await onTables((connection) => measureTraffic(connection, users, callCount));
      rows.push({ name: `${users} users`, ...row });
    }
    progress(`timers over ${limitCount} limits`);
    const timers = await measureTimers(asSlowAsTheService(new MemoryTables()), limitCount);
    const [one, , many] = rows;
    const share = (many?.callsPerSecond ?? 0) / (one?.callsPerSecond || 1);
    const most = (value: number, limit: number) => ({ goal: `≤ ${limit}`, got: String(value), met: value <= limit });
    const through = (seconds: number, left: number) => ({
      goal: '≤ 60 s, nothing left',
      got: `${seconds} s, ${left} left`,
      met: seconds <= 60 && left === 0,
    });
    return {
      on: [
        'our broker',
        `our Pay-i stand-in, ${DISTANCE_MS} ms away`,
        'Azurite 3.35.0',
        'default policies, 16 calls at once',
        `timers: ${tableService}`,
      ],
      rows: [...rows, { name: `timers, ${limitCount} limits of the day`, ...timers }],
      goals: [
        { name: '10,000 users: Pay-i requests per 1,000 events', ...most(many?.payiRequestsPer1000Events ?? 0, 10) },
        { name: '10,000 users: table requests a call', ...most(many?.tableRequestsPerCall ?? 0, 2) },
        { name: '10,000 users: rate against one user’s', goal: '≥ 0.5', got: share.toFixed(2), met: share >= 0.5 },
        { name: 'refresh', ...through(timers.refreshSeconds, timers.refreshLeft) },
        { name: 'expiry', ...through(timers.expireSeconds, timers.expireLeft) },
      ],
    };
  },
};
export default part;

async function onTables<T>(work: (connection: string) => Promise<T>): Promise<T> {
  const azurite = await startTables();
  try {
    return await work(azurite.connectionString);
  } finally {
    await azurite.close();
  }
}
