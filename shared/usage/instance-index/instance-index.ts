import { hashesOfRows } from '../../ledger/instance-hash.ts';
import { InstanceMinutes } from '../../ledger/instance-minutes.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { LedgerPage } from '../../ledger/ledger-page.ts';
import { type LedgerRow, minuteOfPartition } from '../../ledger/ledger-row.ts';
import { scanInstances } from '../../ledger/scan-instances.ts';
import type { Change, RowKey, Table, Tables } from '../../tables/table.ts';
import { transactionsOf } from '../../tables/transactions-of.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { inParallel } from '../../util/in-parallel.ts';
import { planFold } from '../rollups/fold-plan.ts';
import { closedBefore, type LateMarks } from '../rollups/late-marks.ts';
import { hourOf, hoursBetween, nextHour } from '../spans.ts';
import { type InstanceHourRow, instanceHourRows } from './instance-hour-row.ts';
import { createLookUp, type InstanceLookUp } from './look-up.ts';
import type { OldInstanceRow } from './old-rows.ts';

/**
 * In which minutes of the ledger the events of an instance are. An id that was made here (a UUID of version 7) says it for the first
 * five minutes. For any other event the index has it, once its hour has ended; until then the columns of the ledger say it.
 */
export interface InstanceIndex {
  /** For one request. */
  lookUp(): InstanceLookUp;
  /**
   * Adds the hours that have ended, and once more those that got late events; once an hour. After a minute it ends, and the next run goes
   * on where it stopped. @returns how many hours
   */
  fold(): Promise<number>;
  /** Adds all that the ledger has, also what older releases wrote: for an index that got lost. @returns how many events were read */
  foldAgain(): Promise<number>;
  /** Forgets hours before the day. @returns how many rows */
  prune(beforeDay: string): Promise<number>;
}

export interface InstanceIndexOptions {
  tables: Tables;
  ledger: Pick<Ledger, 'between' | 'earliestHour'>;
  /** Of their own: a release that has no such index removes those of the rollups. */
  marks: LateMarks;
  clock: Clock;
  telemetry: Telemetry;
}

interface StateRow extends RowKey {
  foldedBefore: string;
}

const stateKey = { partitionKey: 'state', rowKey: 'folded' };
/** Hours after which it is written how far the index is. An hour is read in four requests or more. */
const HOURS_AT_ONCE = 48;
/** No further hours are begun after this time: an update finds all that the ledger has, and a run may take 4.5 minutes. */
const RUN_MS = 60_000;
const WIDTH = 4;
const REMOVED_AT_ONCE = 8;

export function createInstanceIndex({ tables, ledger, marks, clock, telemetry }: InstanceIndexOptions): InstanceIndex {
  const rows = tables.open<InstanceHourRow>('instanceevents');
  const states = rows as unknown as Table<StateRow>;
  const events = tables.open<LedgerRow | LedgerPage>('ledger');
  const store = {
    foldedBefore: async () => (await states.get(stateKey.partitionKey, stateKey.rowKey))?.foldedBefore,
    setFoldedBefore: async (hour: string) => void (await states.upsert({ ...stateKey, foldedBefore: hour })),
  };
  const memory: { foldedBefore?: string } = {};
  const oldRows = rows as unknown as Table<OldInstanceRow>;

  async function write(hour: string, minutes: InstanceMinutes): Promise<void> {
    const runs = transactionsOf(instanceHourRows(hour, minutes));
    await inParallel(runs, WIDTH, (run) =>
      rows.transact(run.map((row): Change<InstanceHourRow> => ({ kind: 'upsert', row }))),
    );
  }

  async function foldSome(): Promise<number> {
    const { hours, before, isNew, quiet } = await planFold({ ledger, marks, clock, memory, store }, HOURS_AT_ONCE);
    for (const hour of hours) {
      const minutes = new InstanceMinutes();
      await scanInstances(events, { from: hour, before: nextHour(hour) }, minutes);
      await write(hour, minutes);
    }
    // Last, so that hours whose run was ended are read again.
    if (isNew) await store.setFoldedBefore(before);
    memory.foldedBefore = before;
    for (const mark of quiet) await marks.remove(mark);
    if (hours.length > 0) telemetry.info('instances-indexed', { hours: hours.length, before });
    return hours.length;
  }

  return {
    lookUp: () => createLookUp({ rows, oldRows, events, store, ledger, marks, clock }),

    async fold() {
      const untilMs = clock.now() + RUN_MS;
      let hours = 0;
      // Late events can wait for the next hour to end: until then a look-up reads them in the ledger.
      while (memory.foldedBefore !== closedBefore(clock.now()) && clock.now() < untilMs) hours += await foldSome();
      return hours;
    },

    async foldAgain() {
      let read = 0;
      const closed = closedBefore(clock.now());
      const from = (await ledger.earliestHour()) ?? closed;
      // Open hours too: pages of older releases name no instances.
      for (const hour of hoursBetween(from, nextHour(hourOf(clock.now())))) {
        const minutes = new InstanceMinutes();
        for await (const row of ledger.between(hour, nextHour(hour))) {
          read += 1;
          minutes.add(minuteOfPartition(row.partitionKey), hashesOfRows(row.partitionKey, [row]));
        }
        await write(hour, minutes);
      }
      if ((await store.foldedBefore()) === undefined) await store.setFoldedBefore(closed);
      return read;
    },

    async prune(beforeDay) {
      // The second are rows of older releases.
      const where = `(hour lt '${beforeDay}' or minute lt '${beforeDay}')`;
      const old: RowKey[] = [];
      for await (const { partitionKey, rowKey } of rows.query({ where, select: ['PartitionKey', 'RowKey'] }))
        old.push({ partitionKey, rowKey });
      return (await inParallel(old, REMOVED_AT_ONCE, (row) => rows.remove(row))).filter(Boolean).length;
    },
  };
}
