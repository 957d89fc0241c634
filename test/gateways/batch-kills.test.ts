import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import { type LocalTables, startTables } from '../../infra/local/tables/src/tables.ts';
import { readBatch } from '../../shared/gateways/anthropic/batches/batch-requests.ts';
import type { LimitRow, StateRow } from '../../shared/limits/state/limit-rows.ts';
import { priceUnits } from '../../shared/pricing/price-units.ts';
import { openTables } from '../../shared/tables/open.ts';
import { toUsd } from '../../shared/util/money.ts';
import { policy, totalOf } from '../limits/helpers.ts';
import { batchOf } from './batch-gateway.ts';
import type { BatchProcessSaid, BatchProcessStart } from './batch-process.ts';
import { GATEWAY_KEY } from './serve.ts';

const REQUESTS = 1_000;
const MINUTE = 60_000;
type Published = Extract<BatchProcessSaid, { kind: 'published' }>;

const requests = batchOf(REQUESTS);
const bound = readBatch(Buffer.from(JSON.stringify({ requests })), null, Date.now()).bound.nanoUsd;
/** Room for one such batch and half of another. */
const policies = [policy({ name: 'all', window: 'none', maxUsd: toUsd((bound * 3n) / 2n) })];

let azurite: LocalTables;
let model: ModelStandIn;
const children: ChildProcess[] = [];
beforeAll(async () => {
  [azurite, model] = await Promise.all([startTables(), startModel({ apiKey: 'provider-secret' })]);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all([azurite.close(), model.close()]);
});

const published: Published[] = [];

/** One life of the app. `killAfter`: it is killed when it has published so many events. */
async function live(start: Partial<BatchProcessStart>, killAfter = Number.POSITIVE_INFINITY) {
  const child = fork(fileURLToPath(new URL('./batch-process.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
  children.push(child);
  const gone = once(child, 'exit');
  let count = 0;
  const listening = new Promise<string>((resolve) => {
    child.on('message', (said: BatchProcessSaid) => {
      if (said.kind === 'listening') resolve(said.url);
      else if (said.kind === 'published') {
        published.push(said);
        count += 1;
        if (count === killAfter) child.kill('SIGKILL');
      } else child.kill('SIGKILL');
    });
  });
  const usual = { connection: azurite.connectionString, modelUrl: model.url, policies, movedMs: 0, collects: true };
  child.send({ ...usual, ...start });
  return { url: await listening, child, gone };
}

const client = (url: string) =>
  new Anthropic({ apiKey: GATEWAY_KEY, baseURL: `${url}/anthropic`, maxRetries: 0, logLevel: 'off' });

const limits = () => openTables({ connection: azurite.connectionString, prefix: 'kills' }).open<LimitRow>('limits');
const state = async () => (await limits().get('all:always', 'state')) as StateRow;

test('a batch of 1,000 near a limit, with processes that are killed: no overshoot, each request metered once', async () => {
  const first = await live({ collects: false });
  await client(first.url).messages.batches.create({ requests });
  expect(await state()).toMatchObject({ heldNano: bound, settledNano: 0n });
  const second = client(first.url).messages.batches.create({ requests });
  expect(await second.catch((error: unknown) => error)).toMatchObject({ status: 402 });
  first.child.kill('SIGKILL');
  await first.gone;

  // Each life finds what the one before it left, once its claim has ended.
  let movedMs = 0;
  for (const killAfter of [250, REQUESTS, Number.POSITIVE_INFINITY]) {
    const { gone } = await live({ movedMs }, killAfter);
    await gone;
    const { maxNano, ...now } = await state();
    expect(totalOf({ maxNano, ...now })).toBeLessThanOrEqual(maxNano);
    movedMs += 5 * MINUTE;
  }

  const events = new Map(published.map((event) => [event.eventId, event]));
  const billed = model.calls().filter(({ outcome }) => outcome === 'answered');
  expect(events.size).toBe(REQUESTS);
  expect(published.length).toBeGreaterThan(REQUESTS);
  expect([...events.values()].map(({ responseId }) => responseId).sort()).toEqual(
    billed.map(({ responseId }) => responseId).sort(),
  );
  const cost = billed.reduce(
    (sum, { usage }) =>
      sum +
      (priceUnits({
        model: 'claude-haiku-5-5',
        units: { text: { input: Number(usage?.['input_tokens']), output: Number(usage?.['output_tokens']) } },
        atMs: Date.now(),
        modifiers: ['batch'],
      }) ?? 0n),
    0n,
  );
  expect([...events.values()].reduce((sum, event) => sum + BigInt(event.cost), 0n)).toBe(cost);
  expect(await state()).toMatchObject({ heldNano: 0n, settledNano: cost, abandonedNano: 0n, missedNano: 0n });
  // Whatever may have been sent before is looked for at Pay-i first.
  const counts = new Map<string, number>();
  for (const { eventId, isRepeated } of published) {
    const times = counts.get(eventId) ?? 0;
    if (times > 0) expect(isRepeated).toBe(true);
    counts.set(eventId, times + 1);
  }
});

test('a process that is killed while the provider has the batch leaves its hold, which is abandoned', async () => {
  const taken = createServer((request) => request.resume());
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const modelUrl = `http://127.0.0.1:${(taken.address() as AddressInfo).port}`;
  const before = (await state()).settledNano;
  const first = await live({ collects: false, modelUrl, movedMs: 60 * MINUTE });
  const asked = once(taken, 'request');
  const lost = client(first.url).messages.batches.create({ requests: batchOf(10) });
  const failed = lost.catch((error: unknown) => error);
  await asked;
  const { heldNano } = await state();
  expect(heldNano).toBeGreaterThan(0n);
  first.child.kill('SIGKILL');
  await Promise.all([first.gone, failed]);
  published.length = 0;
  const next = await live({ movedMs: 90 * MINUTE });
  await next.gone;
  expect(published.map(({ outcome, cost }) => [outcome, cost])).toEqual([['abandoned', Number(heldNano)]]);
  expect(await state()).toMatchObject({ heldNano: 0n, abandonedNano: heldNano, settledNano: before + heldNano });
  taken.close();
  taken.closeAllConnections();
});
