import { expect, test } from 'vitest';
import { createDeadLetterStore } from '../../shared/dead-letters/dead-letter-store.ts';
import { createKeyService } from '../../shared/identity/keys/key-service.ts';
import { createInstanceStore, type Instance } from '../../shared/instances/instance-store.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import type { LimitRow } from '../../shared/limits/state/limit-rows.ts';
import { createUserErasure } from '../../shared/user-data/erase-user.ts';
import { readUserData } from '../../shared/user-data/user-data.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { ADMIN_KEY, envelope, startTestApp } from '../support/app.ts';
import { startMs, usageEvent } from '../support/events.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { noContent } from '../support/no-content.ts';
import { recording } from '../support/recording.ts';

async function filled() {
  const tables = new MemoryTables();
  const { telemetry } = recording();
  const sources = {
    instances: createInstanceStore(tables),
    ledger: createLedger(tables),
    deadLetters: createDeadLetterStore(tables),
    keys: createKeyService({ tables, clock: new ManualClock(), telemetry, taken: [] }),
    atProvider: noContent,
  };
  const outgoing = (userId: string, ms: number) => ({
    event: usageEvent({ eventId: uuidV7(startMs + ms), occurredAt: new Date(startMs + ms).toISOString(), userId }),
    remaining: 'all' as const,
    attempt: 0,
    sinceMs: startMs,
  });
  const users = ['u1', 'u2', 'u1', 'u1'];
  await sources.ledger.record(
    users.map((userId, index) => ({
      outgoing: outgoing(userId, index * 60_000),
      // One with a row of its own, the others in pages.
      tried: index === 3,
      state: 'ingested' as const,
      outcome: 'accepted',
      costNanoUsd: 2_000_000n,
      atMs: startMs,
    })),
  );
  for (const userId of ['u1', 'u2']) {
    const letter = outgoing(userId, 0);
    const facts = { source: 'ingest', code: 'rejected', reason: 'no', atMs: startMs, state: 'dead' } as const;
    await sources.deadLetters.put([{ ...facts, id: letter.event.eventId, outgoing: letter }]);
    const instance: Instance = {
      useCaseName: 'trail_finder',
      useCaseId: `of-${userId}`,
      userId,
      status: 'skipped',
      updatedAt: new Date(startMs).toISOString(),
    };
    await sources.instances.save(instance);
    await sources.keys.create({ name: userId, role: 'user', namesUsers: false }, 'op');
  }
  const userErasure = createUserErasure({
    ...sources,
    tables,
    limits: tables.open<LimitRow>('limits'),
    clock: new ManualClock(),
    telemetry,
    keptDays: 90,
  });
  return { ...sources, userErasure };
}

test('shows what is kept of one user, and nothing of others', async () => {
  const data = await readUserData(await filled(), 'u1');
  expect(data).toMatchObject({
    userId: 'u1',
    instances: { total: 1, listed: [{ useCaseId: 'of-u1', userId: 'u1' }] },
    usage: {
      events: 3,
      firstAt: '2026-11-23T10:00:00.000Z',
      lastAt: '2026-11-23T10:03:00.000Z',
      estimatedUsd: 0.00468,
      payiUsd: 0.006,
    },
    deadLetters: { total: 1, listed: [{ code: 'rejected', state: 'dead' }] },
    accessKeys: ['u1'],
  });
  expect(data.elsewhere.join(' ')).toContain('Pay-i');
  expect(JSON.stringify(data)).not.toContain('u2');
});

test('an admin asks for a user by id or e-mail address', async () => {
  const { instances, ledger, deadLetters: deadLetterStore, keys } = await filled();
  const delivery = { ledger, deadLetterStore } as never;
  const app = await startTestApp({}, { instances, keys, delivery });
  const read = async (id: string, headers: Record<string, string> = { 'x-functions-key': ADMIN_KEY }) =>
    app.call('read-user-data', { method: 'GET', anonymous: true, headers, params: { id } });
  expect((await envelope(await read('u2'))).data).toMatchObject({ userId: 'u2', usage: { events: 1 } });
  const byMail = await envelope(await read('Sam@example.com'));
  expect(byMail.data).toMatchObject({ usage: { events: 0, firstAt: null }, instances: { total: 0, listed: [] } });
  expect(byMail.data.userId).toMatch(/^user-[0-9a-f]{24}$/);
  expect((await read('a\u0000b')).status).toBe(400);
  await app.close();
});

test('an admin deletes the data of a user, and the admin log names no e-mail address', async () => {
  const { instances, ledger, deadLetters: deadLetterStore, keys, userErasure } = await filled();
  const delivery = { ledger, deadLetterStore } as never;
  const app = await startTestApp({}, { instances, keys, delivery, userErasure });
  const headers = { 'x-functions-key': ADMIN_KEY };
  const erase = async (id: string) =>
    (await envelope(await app.call('erase-user-data', { method: 'DELETE', headers, params: { id } }))).data;
  expect(await erase('u1')).toMatchObject({
    userId: 'u1',
    state: 'swept',
    erased: { instances: 1, deadLetters: 1, accessKeys: 1, usageEvents: 3 },
    payi: { requests: 3, note: expect.stringContaining('Only Pay-i can delete them') },
  });
  const read = await app.call('read-user-data', { method: 'GET', headers, params: { id: 'u1' } });
  expect((await envelope(read)).data).toMatchObject({ instances: { total: 0 }, usage: { events: 0 }, accessKeys: [] });
  expect((await erase('Sam@example.com')).userId).toMatch(/^user-[0-9a-f]{24}$/);
  const log = await app.services.adminLog.list({ most: 10 });
  expect(log.changes).toMatchObject([
    { action: 'erase-user-data', target: expect.stringMatching(/^user-[0-9a-f]{24}$/), outcome: 'done' },
    { action: 'erase-user-data', target: 'u1', after: { state: 'swept', erased: { instances: 1 } } },
  ]);
  expect(JSON.stringify(log).toLowerCase()).not.toContain('sam@example.com');
  await app.close();
});
