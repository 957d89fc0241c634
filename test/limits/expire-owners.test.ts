import { expect, test } from 'vitest';
import { expireOwners } from '../../shared/limits/owners/expire-owners.ts';
import { type HeldCall, indexKey, journalKey, OWNERS, type OwnerRow } from '../../shared/limits/owners/owner-rows.ts';
import type { LimitRow } from '../../shared/limits/state/limit-rows.ts';
import type { Table } from '../../shared/tables/table.ts';
import { LeapingClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { noon, quiet } from './helpers.ts';

const EVENT_ID = '00000000-0000-7000-8000-000000000001';
const heldCall: HeldCall = {
  holdId: 'hold-1',
  eventId: EVENT_ID,
  category: 'system.anthropic',
  resource: 'claude-sonnet-5-5',
  useCaseName: 'trail_finder',
  useCaseId: 'instance-1',
  occurredAtMs: noon,
  held: '1000',
  limitIds: [],
  limitIdsAtPayi: [],
};

test('a run that follows one which failed marks its events: ingest asks Pay-i for them first', async () => {
  const tables = new MemoryTables();
  const holders = tables.open<OwnerRow>('limitholders');
  await holders.upsert({ partitionKey: OWNERS, rowKey: 'gone', expiresAtMs: noon, dead: false });
  await holders.upsert({ partitionKey: 'gone', rowKey: indexKey('daily'), partition: 'daily' });
  await holders.upsert({ partitionKey: 'gone', rowKey: journalKey(0), calls: JSON.stringify([heldCall]) });
  const limits = tables.open<LimitRow>('limits');
  const unanswered = new Proxy(limits, {
    get: () => () => {
      throw new Error('no answer');
    },
  }) as Table<LimitRow>;
  const published: unknown[] = [];
  const expire = (from: Table<LimitRow>) =>
    expireOwners({
      limits: from,
      holders,
      clock: new LeapingClock(noon + 5 * 60_000),
      random: () => 0.5,
      telemetry: quiet,
      crossed: () => undefined,
      publisher: {
        publish: async ({ eventId }, isRepeated) => {
          published.push([eventId, isRepeated]);
          return 'queued';
        },
        close: async () => undefined,
      },
    });
  await expect(expire(unanswered)).rejects.toThrow('no answer');
  await expire(limits);
  expect(published).toEqual([
    [EVENT_ID, false],
    [EVENT_ID, true],
  ]);
});
