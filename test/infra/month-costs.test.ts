import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

// The arithmetic of "What a month costs" in docs/operations.md, from the prices and the assumptions that stand there.

const page = readFileSync('docs/operations.md', 'utf8');
const rows = (from: string): Map<string, string[]> => {
  const [, table = ''] = new RegExp(`\\| ${from}.*\\n\\|[-|]+\\n((?:\\|.*\\n)+)`).exec(page) ?? [];
  return new Map(
    table
      .trim()
      .split('\n')
      .map((line) =>
        line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim()),
      )
      .map(([name = '', ...cells]) => [name, cells]),
  );
};
const prices = rows('price');
const price = (name: string): { usd: number; free: number } => {
  const [usd, free] = prices.get(name) ?? [];
  return { usd: Number(usd), free: Number(free?.replaceAll(',', '')) };
};
/** What `amount` costs above what is free. */
const cost = (name: string, amount: number): number => Math.max(0, amount - price(name).free) * price(name).usd;

const SECONDS = 2_628_000;
const GB = 2;

function month(callsADay: number, ready: number) {
  const calls = (callsADay * 365) / 12;
  // Alone on an instance up to one busy instance, then 8 at once.
  const http = Math.min(calls * 8, Math.max(Math.min(calls * 8, SECONDS), calls));
  const ingest = Math.min(calls, SECONDS * Math.max(1, ready));
  const timers = 330_000;
  const onReady = Math.min(http, SECONDS * ready) + Math.min(ingest, SECONDS * ready);
  const functions =
    cost('Functions, on demand, a GB-second', (http + ingest + timers - onReady) * GB) +
    cost('Functions, always ready, a GB-second while it works', onReady * GB) +
    cost('Functions, always ready, a GB-second of being ready', 2 * ready * SECONDS * GB) +
    cost('Functions, a million executions', (calls + ingest + timers) / 1e6);
  const bus =
    price('Service Bus Standard, a month').usd + cost('Service Bus Standard, a million operations', (3 * calls) / 1e6);
  const tables =
    cost('Table Storage, a GB and month', (calls * 1_500 * 3) / 1e9) +
    cost('Table Storage, a million transactions', (ingest * 20) / 1e6);
  const logs = cost('Logs, a GB', (calls * 4_000) / 1e9 + 1);
  const all = functions + bus + tables + logs;
  return { Functions: functions, 'Service Bus': bus, 'Table Storage': tables, Logs: logs, 'together, USD': all, calls };
}

test.each([
  [0, 1_000, 0],
  [1, 100_000, 1],
  [2, 1_000_000, 2],
])('column %i: %i calls a day', (column, callsADay, ready) => {
  const { calls, ...parts } = month(callsADay, ready);
  const written = rows('a month of');
  for (const [name, usd] of Object.entries(parts))
    expect([name, Number(written.get(name)?.[column]?.replace(',', ''))]).toEqual([name, Math.round(usd)]);
  const each = (parts['together, USD'] / calls) * 1_000;
  expect(written.get('USD for 1,000 calls')?.[column]).toBe(each.toFixed(2));
});
