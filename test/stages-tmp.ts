import { startStack } from '../infra/local/stack.ts';
import { startTables } from '../infra/local/tables/src/tables.ts';
import { openTables } from '../shared/tables/open.ts';
import { HOUR_MS } from '../shared/usage/spans.ts';
import { systemClock } from '../shared/util/clock.ts';
import { ADMIN_KEY, keySettings } from './browser/console/console-stack.ts';
import { fillMonth, MONTH_HOURS } from './bench/usage/fill-month.ts';
const azurite = await startTables();
const tables = openTables({ connection: azurite.connectionString, prefix: 'bench', timeoutMs: 30_000 });
const until = systemClock.now();
const begin = Math.floor(until / HOUR_MS) * HOUR_MS - MONTH_HOURS * HOUR_MS;
await fillMonth(tables, { events: 1_000_000, users: 10_000, begin, until, clock: systemClock }, () => undefined);
const stack = await startStack({ settings: { ...keySettings, TablesConnection: azurite.connectionString, TABLE_PREFIX: 'bench' } });
const now = Date.now();
const iso = (ms: number) => new Date(ms).toISOString();
const usage = async (query: Record<string, string>) => {
  const answer = await fetch(`${stack.url}/api/usage?${new URLSearchParams({ limit: '1000', ...query })}`, { headers: { 'x-functions-key': ADMIN_KEY } });
  return answer.json();
};
const d = new Date(now);
const month = { from: iso(Date.UTC(d.getUTCFullYear(), d.getUTCMonth())), to: iso(now), interval: 'day' };
const between = { from: iso(now - 30 * 86_400_000), to: iso(now) };
const ways: Record<string, () => Promise<unknown>> = {
  month: () => usage(month), groups: () => usage({ ...between, groupBy: 'useCase' }), times: () => usage({ ...between, interval: 'day', groupBy: 'useCase' }),
  two: async () => { await Promise.all([usage(month), usage({ ...between, groupBy: 'useCase' })]); await usage({ ...between, interval: 'day', groupBy: 'useCase' }); },
  one: () => Promise.all([usage(month), usage({ ...between, groupBy: 'useCase' }), usage({ ...between, interval: 'day', groupBy: 'useCase' })]),
};
const found: Record<string, number[]> = {};
for (let round = 0; round < 16; round++) for (const [name, run] of Object.entries(ways)) { const t = performance.now(); await run(); if (round > 0) (found[name] ??= []).push(performance.now() - t); }
for (const [name, list] of Object.entries(found)) { list.sort((a, b) => a - b); console.log('RESULT', name, Math.round(list[0]!), Math.round(list[7]!)); }
await stack.close(); await azurite.close(); process.exit(0);
