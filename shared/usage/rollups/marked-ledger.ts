import type { Ledger } from '../../ledger/ledger.ts';
import { hourOfPartition, partitionOf } from '../../ledger/ledger-row.ts';
import type { LateMarks } from './late-marks.ts';

/** A ledger that marks an hour before it writes late events to it. */
export const markedLedger = (ledger: Ledger, marks: Pick<LateMarks, 'mark'>): Ledger => ({
  ...ledger,
  async record(entries) {
    await marks.mark(entries.map(({ outgoing }) => hourOfPartition(partitionOf(outgoing.event.eventId))));
    await ledger.record(entries);
  },
});
