import type { Ledger } from '../../ledger/ledger.ts';
import { hourOfPartition, partitionOf } from '../../ledger/ledger-row.ts';
import type { LateMarks } from './late-marks.ts';

/** A ledger that marks an hour before it writes late events to it, for each of those who fold it. */
export const markedLedger = (ledger: Ledger, ...all: Pick<LateMarks, 'mark'>[]): Ledger => ({
  ...ledger,
  async record(entries) {
    const hours = new Set<string>();
    for (const { outgoing } of entries) hours.add(hourOfPartition(partitionOf(outgoing.event.eventId)));
    await Promise.all(all.map((marks) => marks.mark(hours)));
    await ledger.record(entries);
  },
});
