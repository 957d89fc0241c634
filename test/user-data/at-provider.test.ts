import Anthropic, { toFile } from '@anthropic-ai/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { collectBatches } from '../../shared/gateways/anthropic/batches/collect-batches.ts';
import { createFileOwners } from '../../shared/gateways/anthropic/files/file-owners.ts';
import { createUserContent, type UserContent } from '../../shared/gateways/anthropic/user-content.ts';
import { ERASED_USER } from '../../shared/user-data/erased-users.ts';
import { type BatchProcess, type BatchWorld, batchOf, openBatchWorld } from '../gateways/batch-gateway.ts';
import { gatewaySettings } from '../gateways/serve.ts';
import { all } from '../support/events.ts';
import { recording } from '../support/recording.ts';

/** What users have at the provider through the gateway is found by the user alone, and deleted there. */

const HOUR = 3_600_000;
const SETTLE = 600_000;

let world: BatchWorld;
let process: BatchProcess;
let content: UserContent;
let told: ReturnType<typeof recording>;
beforeEach(async () => {
  world = await openBatchWorld();
  process = await world.start();
  told = recording();
  const settings = gatewaySettings({ ANTHROPIC_BASE_URL: world.model.url });
  content = createUserContent({ tables: world.tables, settings, telemetry: told.telemetry });
});
afterEach(() => world.close());

const batch = async (user: string, account = 'acme') =>
  (
    await process
      .sdk({ 'x-user-id': user, 'x-account-name': account })
      .messages.batches.create({ requests: batchOf(2) })
  ).id;
const provider = () =>
  new Anthropic({ apiKey: 'provider-secret', baseURL: world.model.url, maxRetries: 0, logLevel: 'off' });

async function file(userId: string, accountName: string): Promise<string> {
  const { id } = await provider().beta.files.upload({ file: await toFile(Buffer.from('Fins and Things'), 'a.txt') });
  await createFileOwners(world.tables).add(
    { userId, accountName, role: 'user', via: 'access-key' },
    id,
    world.clock.now(),
  );
  return id;
}

const erase = (userId: string) =>
  content.removeOfUser(
    { userId, name: ERASED_USER, beforeMs: world.clock.now() + SETTLE },
    { from: '', isOver: () => false },
  );
const idsOf = async (userId: string) => (await all(content.ofUser(userId))).map(({ id }) => id).sort();
const atProvider = async (): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { id } of provider().messages.batches.list()) ids.push(id);
  for await (const { id } of provider().beta.files.list()) ids.push(id);
  return ids.sort();
};

test('batches and files of a user are found in every account, and those of others are not', async () => {
  const own = [await batch('sam'), await batch('sam', 'other'), await file('sam', 'acme')].sort();
  await batch('lee');
  await file('lee', 'acme');
  expect(await idsOf('sam')).toEqual(own);
  expect(await idsOf('nobody')).toEqual([]);
});

test('what has ended is deleted at the provider, and what others have stays', async () => {
  const others = [await batch('lee'), await file('lee', 'acme')].sort();
  await batch('sam');
  await file('sam', 'acme');
  world.clock.move(HOUR);
  await collectBatches(process.batches);
  expect(await erase('sam')).toEqual({ changed: 2, next: undefined });
  expect([await idsOf('sam'), await idsOf('lee')]).toEqual([[], others]);
  expect(await atProvider()).toEqual(others);
});

test('a batch that runs is cancelled, metered without the name, and then deleted', async () => {
  const id = await batch('sam');
  // One of its two requests has run.
  world.clock.move(HOUR / 2);
  expect(await erase('sam')).toEqual({ changed: 1, next: undefined });
  expect(await idsOf('sam')).toEqual([]);
  expect((await provider().messages.batches.retrieve(id)).cancel_initiated_at).not.toBeNull();
  const results = process.sdk({ 'x-user-id': 'sam', 'x-account-name': 'acme' }).messages.batches.results(id);
  await expect(results).rejects.toMatchObject({ status: 404 });
  world.clock.move(HOUR);
  await collectBatches(process.batches);
  expect(world.published.map(({ event }) => event.userId)).toEqual([ERASED_USER]);
  expect(await atProvider()).toEqual([]);
  expect(world.tables.rows('messagebatches')).toEqual([]);
});

test('what was made after the deletion stays', async () => {
  const early = await file('sam', 'acme');
  world.clock.move(SETTLE * 2);
  const before = { userId: 'sam', name: ERASED_USER, beforeMs: world.clock.now() };
  const late = await file('sam', 'acme');
  await content.removeOfUser(before, { from: '', isOver: () => false });
  expect(await idsOf('sam')).toEqual([late]);
  expect(await atProvider()).not.toContain(early);
});

test('what is gone at the provider is forgotten; what it refuses to delete stays, with a line in the log', async () => {
  const gone = await file('sam', 'acme');
  await provider().beta.files.delete(gone);
  expect(await erase('sam')).toMatchObject({ changed: 1 });
  const kept = await file('lee', 'acme');
  const foundry = gatewaySettings({ ANTHROPIC_PLATFORM: 'foundry', ANTHROPIC_BASE_URL: world.model.url });
  const elsewhere = createUserContent({ tables: world.tables, settings: foundry, telemetry: told.telemetry });
  const rename = { userId: 'lee', name: ERASED_USER, beforeMs: world.clock.now() + SETTLE };
  expect(await elsewhere.removeOfUser(rename, { from: '', isOver: () => false })).toEqual({
    changed: 0,
    next: undefined,
  });
  expect(await idsOf('lee')).toEqual([kept]);
  expect(JSON.stringify(told)).toContain('user-content-kept');
});

test('a provider that is away ends the pass, and the next one does what is left', async () => {
  await file('sam', 'acme');
  const settings = gatewaySettings({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' });
  const cut = createUserContent({ tables: world.tables, settings, telemetry: told.telemetry });
  const rename = { userId: 'sam', name: ERASED_USER, beforeMs: world.clock.now() + SETTLE };
  await expect(cut.removeOfUser(rename, { from: '', isOver: () => false })).rejects.toMatchObject({ status: 502 });
  expect(await erase('sam')).toMatchObject({ changed: 1 });
  expect(await atProvider()).toEqual([]);
});
