import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { queues } from '../../infra/local/queues.ts';
import { readConfig } from '../../infra/local/servicebus/src/config.ts';

/** The emulator takes no more; Azure does. */
const EMULATOR_TTL_MS = 3_600_000;
const EMULATOR_DUPLICATES_MS = 300_000;

test('the official emulator has the queues of the app, as far as it can', () => {
  const most = (value: number | undefined, limit: number) => (value === undefined ? undefined : Math.min(value, limit));
  expect(readConfig('infra/local/emulator-queues.json').queues).toEqual(
    queues.queues.map((queue) => ({
      ...queue,
      defaultTtlMs: most(queue.defaultTtlMs, EMULATOR_TTL_MS),
      duplicateWindowMs: most(queue.duplicateWindowMs, EMULATOR_DUPLICATES_MS),
    })),
  );
});

test('the emulators listen on this machine alone, and get these queues', () => {
  const compose = readFileSync('infra/local/compose.yaml', 'utf8');
  expect(compose).toContain('./emulator-queues.json:/ServiceBus_Emulator/ConfigFiles/Config.json');
  const ports = [...compose.matchAll(/'([\d.:]+:\d+)'/g)].map(([, port = '']) => port);
  expect(ports.length).toBeGreaterThan(4);
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});
