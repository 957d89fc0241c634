import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readHostSettings } from '../src/worker/host-json.ts';

async function read(file: object) {
  const directory = await mkdtemp(join(tmpdir(), 'host-json-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'host.json'), JSON.stringify(file));
  return readHostSettings(directory);
}

test('what the real host takes where host.json says nothing', async () => {
  expect(await read({})).toEqual({
    routePrefix: 'api',
    functionTimeoutMs: 1_800_000,
    serviceBus: {
      maxConcurrentCalls: 16 * availableParallelism(),
      maxMessageBatchSize: 1_000,
      minMessageBatchSize: 1,
      maxBatchWaitTimeMs: 30_000,
      maxAutoLockRenewalMs: 300_000,
      autoCompleteMessages: true,
    },
  });
});

test('what host.json says', async () => {
  const serviceBus = { maxBatchWaitTime: '00:02:30', maxConcurrentCalls: 1, autoCompleteMessages: false };
  const settings = await read({
    functionTimeout: '1.00:00:00',
    extensions: { http: { routePrefix: '/v1/' }, serviceBus },
  });
  expect(settings).toMatchObject({ routePrefix: 'v1', functionTimeoutMs: 86_400_000 });
  expect(settings.serviceBus).toMatchObject({
    maxBatchWaitTimeMs: 150_000,
    maxConcurrentCalls: 1,
    autoCompleteMessages: false,
  });
});

test.each([
  [{ maxConcurrentCalls: 0 }, 'maxConcurrentCalls is 0'],
  [{ maxMessageBatchSize: 1.5 }, 'maxMessageBatchSize is 1.5'],
  [{ maxMessageBatchSize: '10' }, 'maxMessageBatchSize is "10"'],
  [{ minMessageBatchSize: 10, maxMessageBatchSize: 5 }, 'minMessageBatchSize is more than maxMessageBatchSize'],
  [{ maxBatchWaitTime: '2 s' }, 'maxBatchWaitTime is "2 s"'],
  [{ maxBatchWaitTime: '00:02:31' }, 'maxBatchWaitTime is more than 00:02:30'],
  [{ maxAutoLockRenewalDuration: 5 }, 'maxAutoLockRenewalDuration is 5'],
])('%j is refused by name', async (serviceBus, says) => {
  await expect(read({ extensions: { serviceBus } })).rejects.toThrow(says);
});
