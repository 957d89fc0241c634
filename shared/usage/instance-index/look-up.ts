import { hashOfInstance, impliedMinutes } from '../../ledger/instance-hash.ts';
import { InstanceMinutes } from '../../ledger/instance-minutes.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { LedgerPage } from '../../ledger/ledger-page.ts';
import type { LedgerRow } from '../../ledger/ledger-row.ts';
import { scanInstances } from '../../ledger/scan-instances.ts';
import type { Table } from '../../tables/table.ts';
import type { Clock } from '../../util/clock.ts';
import type { LateMarks } from '../rollups/late-marks.ts';
import { hourOf } from '../spans.ts';
import { type InstanceHourRow, minutesInRow, queriesFor } from './instance-hour-row.ts';
import { minutesInOldRows, type OldInstanceRow } from './old-rows.ts';
import { openHours } from './open-hours.ts';

export interface FoundMinutes {
  /** Minutes of the ledger in which the instance may have events, in order. */
  minutes: string[];
  /** False when the index is so far behind that older minutes may be missing. */
  isWhole: boolean;
}

/** The look-ups of one request: what the index does not have yet is read once. */
export interface InstanceLookUp {
  /** An instance that is unknown has the minutes that its id says. @throws TableError */
  minutesOf(useCaseName: string, useCaseId: string): Promise<FoundMinutes>;
}

export interface LookUpDeps {
  rows: Pick<Table<InstanceHourRow>, 'query'>;
  oldRows: Pick<Table<OldInstanceRow>, 'query'>;
  events: Pick<Table<LedgerRow | LedgerPage>, 'query'>;
  store: { foldedBefore(): Promise<string | undefined> };
  ledger: Pick<Ledger, 'earliestHour'>;
  marks: Pick<LateMarks, 'list'>;
  clock: Clock;
}

/** Rows that one request reads of the ledger for it. A table request gives 1,000. */
const MAX_ROWS = 100_000;

export function createLookUp(deps: LookUpDeps): InstanceLookUp {
  let open: Promise<OpenMinutes> | undefined;
  return {
    async minutesOf(useCaseName, useCaseId) {
      open ??= readOpen(deps);
      const instance = hashOfInstance(useCaseName, useCaseId);
      // Before the rows: what a fold has written meanwhile is in them.
      const { found, isWhole } = await open;
      const [old, ...indexed] = await Promise.all([
        minutesInOldRows(deps.oldRows, useCaseName, useCaseId),
        ...queriesFor(instance).map(async (query) => {
          const minutes: string[] = [];
          for await (const row of deps.rows.query(query)) minutes.push(...minutesInRow(row, instance));
          return minutes;
        }),
      ]);
      const minutes = new Set([...impliedMinutes(useCaseId), ...found.minutesOf(instance), ...old, ...indexed.flat()]);
      return { minutes: [...minutes].sort(), isWhole };
    },
  };
}

interface OpenMinutes {
  found: InstanceMinutes;
  isWhole: boolean;
}

async function readOpen({ events, store, ledger, marks, clock }: LookUpDeps): Promise<OpenMinutes> {
  const found = new InstanceMinutes();
  // In the opposite order to a fold, which removes a mark last.
  const marked = (await marks.list()).map(({ hour }) => hour);
  const from = (await store.foldedBefore()) ?? (await ledger.earliestHour());
  let rows = 0;
  if (from !== undefined) {
    for (const time of openHours({ from, nowHour: hourOf(clock.now()), marked })) {
      rows += await scanInstances(events, time, found, MAX_ROWS - rows);
      if (rows > MAX_ROWS) return { found, isWhole: false };
    }
  }
  return { found, isWhole: true };
}
