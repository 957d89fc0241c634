import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import type { InstanceIndex } from '../usage/instance-index/instance-index.ts';
import type { InstanceLookUp } from '../usage/instance-index/look-up.ts';

export interface InstanceCallsDeps {
  ledger: Pick<Ledger, 'between'>;
  instanceIndex: Pick<InstanceIndex, 'lookUp'>;
}

export interface InstanceRef {
  name: string;
  id: string;
}

/** Minutes of the ledger from one on and before the other. */
export interface Minutes {
  from: string;
  before: string;
}

export interface InstanceRows {
  /** Calls and scores, in the order in which they began. */
  rows: LedgerRow[];
  /** There are older ones. */
  more: boolean;
}

/** What is read of one instance at most: an id that a caller chose can go on for ever. */
const MAX_ROWS = 500;
const MAX_READS = 100;
const MINUTE_MS = 60_000;

/** Where the ledger may have events of the instance, in order. @returns also whether older times may be missing */
export async function minutesOfInstance(
  lookUp: InstanceLookUp,
  { name, id }: InstanceRef,
): Promise<{ runs: Minutes[]; isWhole: boolean }> {
  const runs: Minutes[] = [];
  const { minutes, isWhole } = await lookUp.minutesOf(name, id);
  for (const minute of minutes) {
    const last = runs.at(-1);
    if (last?.before === minute) last.before = minuteAfter(minute);
    else runs.push({ from: minute, before: minuteAfter(minute) });
  }
  return { runs, isWhole };
}

/** The events of an instance, the latest of them where there are many. @throws TableError */
export async function readInstanceRows(
  { ledger }: Pick<InstanceCallsDeps, 'ledger'>,
  { name, id }: InstanceRef,
  minutes: readonly Minutes[],
): Promise<InstanceRows> {
  const rows: LedgerRow[] = [];
  let reads = 0;
  for (const { from, before } of minutes.toReversed()) {
    if (rows.length >= MAX_ROWS || reads++ >= MAX_READS) return { rows: inOrder(rows), more: true };
    for await (const row of ledger.between(from, before))
      if (row.useCaseName === name && row.useCaseId === id) rows.push(row);
  }
  return { rows: inOrder(rows), more: false };
}

const minuteAfter = (minute: string): string =>
  new Date(Date.parse(`${minute}Z`) + MINUTE_MS).toISOString().slice(0, 16);

const inOrder = (rows: LedgerRow[]): LedgerRow[] => rows.sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1));
