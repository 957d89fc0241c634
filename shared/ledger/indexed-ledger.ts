import type { InstanceIndex } from './instance-index.ts';
import type { Ledger } from './ledger.ts';

/** A ledger whose events are found by their instance. */
export const indexedLedger = (ledger: Ledger, index: Pick<InstanceIndex, 'add'>): Ledger => ({
  ...ledger,
  async record(entries) {
    await index.add(entries.map(({ outgoing }) => outgoing.event));
    await ledger.record(entries);
  },
});
