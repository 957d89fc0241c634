import { beforeAll, expect, test, vi } from 'vitest';
import { startStack } from '../../infra/local/stack.ts';
import { alertQueries, documentedQueries, linesRead, workbookQueries } from '../support/queries.ts';

const KEY = 'a-key-of-an-operator';
const lines: Record<string, unknown>[] = [];

/** A call that succeeds, one that a limit refuses, an outage of Pay-i and a run of the export, of which the app writes lines. */
beforeAll(async () => {
  const stack = await startStack({
    settings: {
      ACCESS_KEYS: JSON.stringify({ operator: { key: KEY, role: 'admin' } }),
      DEV_IDENTITY: '',
      EXPORT_CONTAINER: 'usage-export',
      LIMITS: JSON.stringify([{ name: 'poor', scope: 'account', window: 'none', maxUsd: 0.000001, type: 'block' }]),
    },
    log: (text) => {
      if (text.startsWith('{"level"')) lines.push(JSON.parse(text));
    },
  });
  const headers = { 'content-type': 'application/json', 'x-functions-key': KEY, 'x-user-id': 'sam' };
  const search = async (more: Record<string, string> = {}) => {
    const body = JSON.stringify({ location: 'Moab, Utah' });
    const init = { method: 'POST', headers: { ...headers, ...more }, body };
    return (await fetch(`${stack.url}/api/trail-finder/search`, init)).status;
  };
  try {
    expect(await search()).toBe(200);
    expect(await search({ 'x-account-name': 'poor-account' })).toBe(402);
    const wrote = (event: string) => lines.some((line) => line['event'] === event);
    await vi.waitUntil(() => wrote('batch-ended'), { timeout: 60_000, interval: 100 });
    stack.payi?.faults.add({ status: 503 });
    expect(await search()).toBe(200);
    await fetch(`${stack.url}/admin/functions/usage-export`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: '' }),
    });
    await vi.waitUntil(() => wrote('circuit-changed'), { timeout: 60_000, interval: 100 });
  } finally {
    // What is summed up is written when the process ends.
    await stack.close();
  }
});

const reads = [...alertQueries(), ...workbookQueries(), ...documentedQueries()].flatMap(({ name, query }) =>
  linesRead(query)
    .filter(({ members }) => members.length > 0)
    .map(({ events, members }) => ({ name, events, members })),
);

test('the queries read members', () => {
  expect(reads.length).toBeGreaterThan(8);
});

test.each(reads)('lines that the app wrote have what the query of $name reads: $members', ({ events, members }) => {
  const written = lines.filter(({ event }) => events.length === 0 || events.includes(String(event)));
  expect(written.length).toBeGreaterThan(0);
  expect(members.filter((member) => !written.some((line) => member in line))).toEqual([]);
});
