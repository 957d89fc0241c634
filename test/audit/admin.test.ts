import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Delivery } from '../../functions/services/delivery.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { decodeSettings } from '../../shared/config/decode.ts';
import { createDeadLetterStore, type DeadLetter } from '../../shared/dead-letters/dead-letter-store.ts';
import { firstSend } from '../../shared/events/queued-event.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import { openTables } from '../../shared/tables/open.ts';
import type { Tables } from '../../shared/tables/table.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { startDelivery } from '../support/delivery.ts';
import { noting, usageEvent } from '../support/events.ts';

/** Audit and dead letters as an operator has them: through HTTP and the commands, over the app on the laptop stack. */

const USER_KEY = 'a-key-for-a-mere-user';
const ADMIN_KEY = 'a-key-for-the-operator';

let stack: Stack;
let tables: Tables;
let delivery: Delivery;
let client: ServiceBusClient;

beforeAll(async () => {
  stack = await startStack({
    settings: {
      ACCESS_KEYS: JSON.stringify({
        web: { key: USER_KEY, role: 'user' },
        operator: { key: ADMIN_KEY, role: 'admin' },
      }),
      DEV_IDENTITY: '',
    },
    log: () => undefined,
  });
  const settings = decodeSettings(stack.settings);
  tables = openTables({ connection: settings.TablesConnection, prefix: settings.TABLE_PREFIX });
  delivery = startDelivery({
    settings,
    tables,
    payi: createPayiClient({ baseUrl: settings.PAYI_BASE_URL, apiKey: settings.PAYI_API_KEY ?? '', timeoutMs: 60_000 }),
    ensureLimits: async () => undefined,
    refreshLimits: () => undefined,
    clock: systemClock,
    telemetry: noting(),
  });
  client = new ServiceBusClient(settings.ServiceBusConnection ?? '');
});
afterAll(async () => {
  await delivery?.close();
  await client?.close();
  await stack?.close();
});

type Admin = (path: string, body?: object) => Promise<{ status: number; answer: Record<string, unknown> }>;

const admin: Admin = async (path, body) => {
  const response = await fetch(`${stack.url}/api/admin/${path}`, {
    headers: { 'x-functions-key': ADMIN_KEY, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  const { data, ...rest } = (await response.json()) as { data?: object };
  return { status: response.status, answer: { ...rest, ...data } };
};

/** A command with `--json`: its exit code and the one object that it prints. */
async function command(name: 'audit' | 'dead-letters', ...args: string[]) {
  const script = ['--import', 'tsx', `infra/cli/${name}.ts`, ...args, '--json'];
  const child = spawn(process.execPath, script, {
    env: { PATH: process.env['PATH'], TRAILMETER_URL: stack.url, TRAILMETER_KEY: ADMIN_KEY },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += chunk));
  child.stderr.on('data', (chunk) => (output.stderr += chunk));
  const [code] = await once(child, 'close');
  const lines = output.stdout.trim().split('\n');
  expect(lines, output.stderr).toHaveLength(1);
  return { code, answer: JSON.parse(lines[0] ?? '') as Record<string, unknown> };
}

const idsOf = (answer: Record<string, unknown>): string[] =>
  (answer['letters'] as DeadLetter[]).map(({ id }) => id).sort();

/** Waits for what the app does in the background. */
async function until<T>(look: () => Promise<T>, isThere: (found: T) => boolean): Promise<T> {
  for (;;) {
    const found = await look();
    if (isThere(found)) return found;
    await delay(100);
  }
}

const event = () => usageEvent({ eventId: uuidV7(Date.now()), occurredAt: new Date().toISOString() });
const listed = (count: number) =>
  until(
    async () => (await admin('dead-letters')).answer,
    (answer) => idsOf(answer).length === count,
  );
const arrived = (ids: string[]) =>
  until(
    async () => new Set([...(stack.payi?.inspect.events() ?? [])].map(({ providerResponseId }) => providerResponseId)),
    (there) => ids.every((id) => there.has(id)),
  );

test('list, inspect, replay and discard over both places; the audit counts each event in one of them', async () => {
  const [refused, limited, given, kept] = [event(), event(), event(), event()];
  stack.payi?.faults.add({
    path: '/ingest*',
    partialErrors: { responseIds: [refused.providerResponseId], code: 'invalid_json' },
  });
  // Our own dead letters.
  await delivery.publisher.publish(refused);
  await client.createSender('usage-events').sendMessages({ messageId: 'poison', body: 'this is not an event' });
  await listed(2);
  stack.payi?.faults.clear();
  stack.payi?.faults.add({
    path: '/ingest*',
    partialErrors: { responseIds: [limited.providerResponseId], code: 'blocking_limit_not_allowed' },
  });
  await delivery.publisher.publish(limited);
  await listed(3);
  stack.payi?.faults.clear();
  // The queue's dead letters.
  const [instance] = stack.host.instances;
  await instance?.kill();
  await Promise.all([given, kept].map((one) => delivery.publisher.publish(one)));
  const receiver = client.createReceiver('usage-events');
  for (let left = 2; left > 0; ) {
    for (const message of await receiver.receiveMessages(left, { maxWaitTimeInMs: 5_000 })) {
      await receiver.deadLetterMessage(message, {
        deadLetterReason: 'MaxDeliveryCountExceeded',
        deadLetterErrorDescription: 'Ten times.',
      });
      left -= 1;
    }
  }
  await receiver.close();
  await instance?.restart();

  // List and inspect, by HTTP and by command.
  const all = idsOf(await listed(5));
  const events = [refused, limited, given, kept].map(({ eventId }) => eventId);
  const [poison = ''] = all.filter((id) => !events.includes(id));
  expect(all.filter((id) => id !== poison)).toEqual([...events].sort());
  const byCommand = await command('dead-letters', 'list');
  expect(byCommand).toMatchObject({ code: 0, answer: { ok: true } });
  expect(idsOf(byCommand.answer)).toEqual(all);
  expect(idsOf((await admin('dead-letters?code=MaxDeliveryCountExceeded')).answer)).toEqual(
    [given.eventId, kept.eventId].sort(),
  );
  expect((await admin(`dead-letters/${poison}`)).answer).toMatchObject({
    letters: [{ code: 'undecodable', source: 'ingest', text: 'this is not an event' }],
  });
  expect(await command('dead-letters', 'show', given.eventId)).toMatchObject({
    code: 0,
    answer: { letters: [{ source: 'broker', outgoing: { event: { eventId: given.eventId } } }] },
  });
  expect(await command('dead-letters', 'show', 'nothing')).toMatchObject({ code: 1, answer: { ok: false } });
  expect(await command('audit')).toMatchObject({
    code: 0,
    answer: { ok: true, states: { deadLettered: 5, ingested: 0, outbox: 0, queued: 0, waiting: 0 } },
  });

  const waiting = await command('audit', '--waiting');
  expect(waiting).toMatchObject({ code: 0, answer: { ok: true, complete: true } });
  const groups = waiting.answer['groups'] as { place: string; events: number }[];
  expect(groups.filter(({ place }) => place === 'deadLetters').reduce((sum, { events }) => sum + events, 0)).toBe(5);
  expect((await admin('waiting')).answer).toMatchObject({ groups });

  // Nobody replays or discards everything by leaving something out.
  for (const verb of ['replay', 'discard']) {
    expect((await admin(`dead-letters/${verb}`, { reason: 'why' })).status).toBe(400);
    expect(await command('dead-letters', verb)).toMatchObject({ code: 1, answer: { ok: false } });
  }
  const byUser = await fetch(`${stack.url}/api/admin/dead-letters`, { headers: { 'x-functions-key': USER_KEY } });
  expect(byUser.status).toBe(403);

  // Discard one of each place, with a reason.
  expect((await admin('dead-letters/discard', { ids: [kept.eventId] })).status).toBe(400);
  expect((await admin('dead-letters/discard', { ids: [kept.eventId], reason: 'a test run' })).answer).toMatchObject({
    letters: [{ id: kept.eventId, state: 'discarded', note: expect.stringContaining('a test run') }],
  });
  const discarded = await command('dead-letters', 'discard', poison, '--reason', 'no event');
  expect(discarded).toMatchObject({ code: 0, answer: { letters: [{ id: poison, state: 'discarded' }] } });
  expect(stack.broker?.counts('usage-events').deadLettered).toBe(0);

  // Replay one, some, all; twice.
  expect(idsOf((await admin('dead-letters/replay', { ids: [refused.eventId] })).answer)).toEqual([refused.eventId]);
  const some = await command('dead-letters', 'replay', '--code', 'blocking_limit_not_allowed');
  expect([some.code, idsOf(some.answer)]).toEqual([0, [limited.eventId]]);
  expect(idsOf((await command('dead-letters', 'replay', '--all')).answer)).toEqual([given.eventId]);
  expect(idsOf((await command('dead-letters', 'replay', '--all')).answer)).toEqual([]);
  await arrived([refused, limited, given].map(({ providerResponseId }) => providerResponseId));
  expect(idsOf((await command('dead-letters', 'list', '--state', 'discarded')).answer)).toEqual(
    [kept.eventId, poison].sort(),
  );
  await until(
    async () => (await admin('audit')).answer,
    ({ states }) => (states as { ingested: number }).ingested === 3,
  );
  expect((await admin('audit')).answer).toMatchObject({ ok: true, states: { deadLettered: 0, discarded: 2 } });
  expect((await admin('waiting')).answer).toMatchObject({ groups: [] });
  expect(stack.payi?.inspect.summary()).toMatchObject({ events: 3, doubledEvents: 0 });
});

test('the audit names a loss and a double, and the command ends with 1', async () => {
  const [sound, lost] = [event(), event()];
  await delivery.publisher.publish(sound);
  await arrived([sound.providerResponseId]);
  expect(await command('audit')).toMatchObject({ code: 0, answer: { ok: true } });
  // One that was published and lies nowhere, and one that lies among the dead letters although Pay-i has it.
  await delivery.register.add([lost.eventId]);
  await createDeadLetterStore(tables).put([
    {
      id: sound.eventId,
      source: 'ingest',
      code: 'planted',
      reason: 'planted',
      atMs: Date.now(),
      state: 'dead',
      outgoing: firstSend(sound),
    },
  ]);
  const found = {
    missing: [lost.eventId],
    doubled: [{ eventId: sound.eventId, states: ['ingested', 'deadLettered'] }],
  };
  const [byHttp, byCommand] = await Promise.all([admin('audit?days=2'), command('audit', '--days', '2')]);
  expect(byHttp.answer).toMatchObject({ ok: false, ...found });
  expect(byCommand).toMatchObject({ code: 1, answer: { ok: false, ...found } });
  // The remedy of a double is a replay: Pay-i knows the event, so nothing is charged again.
  await admin('dead-letters/replay', { ids: [sound.eventId] });
  await until(
    () => delivery.ledger.get(sound.eventId),
    (row) => row?.attempts === 2,
  );
  expect((await admin('audit')).answer).toMatchObject({ doubled: [] });
  expect(stack.payi?.inspect.summary()).toMatchObject({ doubledEvents: 0 });
});

test('without an app the commands say how to start one', async () => {
  for (const [name, verb] of [['audit'], ['dead-letters', 'list']] as const) {
    const { code, answer } = await command(name, ...(verb ? [verb] : []), '--url', 'http://127.0.0.1:1');
    expect({ code, answer }).toMatchObject({ code: 1, answer: { ok: false } });
    expect(answer['error']).toContain('npm start');
  }
});
