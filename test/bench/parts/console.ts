import { startStack } from '../../../infra/local/stack.ts';
import { startTables } from '../../../infra/local/tables/src/tables.ts';
import { openTables } from '../../../shared/tables/open.ts';
import { HOUR_MS } from '../../../shared/usage/spans.ts';
import { systemClock } from '../../../shared/util/clock.ts';
import { startBrowser } from '../../browser/browser.ts';
import { openConsole } from '../../browser/console/console-page.ts';
import { ADMIN_KEY, keySettings } from '../../browser/console/console-stack.ts';
import { type FirstLoad, measureFirstLoad } from '../console/first-load.ts';
import type { BenchPart } from '../part.ts';
import { fillMonth, MONTH_HOURS } from '../usage/fill-month.ts';

/** Of a month; 1,000,000 is the long one. */
const eventCount = Number(process.env['BENCH_EVENTS'] ?? 20_000);
const USERS = 10_000;
const RUNS = 9;
const PREFIX = 'bench';
const MOST_BYTES = 150_000;
const MOST_MS = 1_000;

/** The console's first load, on a stack with many events. */
const part: BenchPart = {
  part: 'console',
  async run({ progress }) {
    const azurite = await startTables();
    try {
      const tables = openTables({ connection: azurite.connectionString, prefix: PREFIX, timeoutMs: 30_000 });
      const until = systemClock.now();
      const begin = Math.floor(until / HOUR_MS) * HOUR_MS - MONTH_HOURS * HOUR_MS;
      progress(`rollups of ${eventCount} events of ${USERS} users in 30 days`);
      await fillMonth(tables, { events: eventCount, users: USERS, begin, until, clock: systemClock }, progress);
      const rows = await measureViews(azurite.connectionString, progress);
      const worst = (figure: keyof FirstLoad) => Math.max(...rows.map((row) => row[figure]));
      const below = (name: string, most: number, unit: string, got: number) => ({
        name,
        goal: `< ${most} ${unit}`,
        got: `${got} ${unit}`,
        met: got < most,
      });
      return {
        on: [
          'laptop stack, Azurite 3.35.0, Chromium with an empty cache; medians',
          `${eventCount} events of ${USERS} users in 30 days`,
        ],
        rows,
        goals: [
          below('first load, packed', MOST_BYTES, 'bytes', worst('bytes')),
          below('until the controls are there', MOST_MS, 'ms', worst('interactiveMs')),
          below('until the figures are there', MOST_MS, 'ms', worst('figuresMs')),
        ],
      };
    } finally {
      await azurite.close();
    }
  },
};
export default part;

type Row = { name: string } & Record<keyof FirstLoad, number>;

async function measureViews(connection: string, progress: (text: string) => void) {
  const browser = await startBrowser();
  try {
    const stack = await startStack({
      settings: { ...keySettings, TablesConnection: connection, TABLE_PREFIX: PREFIX },
    });
    try {
      const { page } = await openConsole({ browser, stack }, 'overview', ADMIN_KEY);
      const rows: Row[] = [];
      for (const range of ['24h', '30d']) {
        progress(`overview of ${range}`);
        const loads: FirstLoad[] = [];
        for (let run = 0; run <= RUNS; run++) {
          const load = await measureFirstLoad(page, `${stack.url}/console/overview?range=${range}`);
          // The first one warms up the app.
          if (run > 0) loads.push(load);
        }
        const median = (figure: keyof FirstLoad): number =>
          Math.round(loads.map((load) => load[figure]).sort((a, b) => a - b)[RUNS >> 1] ?? 0);
        rows.push({
          name: `overview of ${range}`,
          bytes: median('bytes'),
          interactiveMs: median('interactiveMs'),
          figuresMs: median('figuresMs'),
        });
      }
      return rows;
    } finally {
      await stack.close();
    }
  } finally {
    await browser.close();
  }
}
