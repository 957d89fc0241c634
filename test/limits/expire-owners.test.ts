import { describe, expect, test } from 'vitest';
import { expireOwners } from '../../shared/limits/owners/expire-owners.ts';
import { type HeldCall, indexKey, journalKey, OWNERS, type OwnerRow } from '../../shared/limits/owners/owner-rows.ts';
import { type LimitRow, newAllocation, newState, type StateRow } from '../../shared/limits/state/limit-rows.ts';
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

describe('a call that the list of a dead process still names', () => {
  const LIMIT = 'daily:2026-11-23';
  const settledOf = async (call: Partial<HeldCall>, amountNano: bigint): Promise<bigint> => {
    const tables = new MemoryTables();
    const holders = tables.open<OwnerRow>('limitholders');
    const limits = tables.open<LimitRow>('limits');
    const state = { ...newState(LIMIT), settledNano: 700n, heldNano: amountNano };
    await limits.upsert(state);
    await limits.upsert({ ...newAllocation(LIMIT, 'gone'), amountNano, ownSettledNano: 700n });
    await holders.upsert({ partitionKey: OWNERS, rowKey: 'gone', expiresAtMs: noon, dead: false });
    await holders.upsert({ partitionKey: 'gone', rowKey: indexKey('daily'), partition: state.partitionKey });
    const calls = JSON.stringify([{ ...heldCall, limitIds: [LIMIT], ...call }]);
    await holders.upsert({ partitionKey: 'gone', rowKey: journalKey(0), calls });
    await expireOwners({
      ...{ limits, holders, clock: new LeapingClock(noon + 5 * 60_000), random: () => 0.5, telemetry: quiet },
      crossed: () => undefined,
      publisher: { publish: async () => 'queued', close: async () => undefined },
    });
    const after = (await limits.get(state.partitionKey, state.rowKey)) as StateRow;
    expect(after).toMatchObject({ heldNano: 0n, abandonedNano: after.settledNano - 700n });
    return after.settledNano;
  };

  test('counts for a limit that only reports, which sets nothing aside for it', async () => {
    expect(await settledOf({ reporting: [LIMIT] }, 0n)).toBe(1_700n);
  });

  test('is settled where its limit holds nothing any more: it is not counted twice', async () => {
    expect(await settledOf({ reporting: [] }, 0n)).toBe(700n);
  });

  test('counts with what is held, whatever the list says', async () => {
    expect(await settledOf({ reporting: [] }, 300n)).toBe(1_000n);
    expect(await settledOf({ reporting: [LIMIT] }, 300n)).toBe(1_000n);
  });

  test('counts where a process of an older version wrote the list', async () => {
    expect(await settledOf({}, 0n)).toBe(1_700n);
  });
});
