import type { LedgerTime } from '../../ledger/scan-instances.ts';
import { HOUR_MS, hourOf, nextHour, startOfSpan } from '../spans.ts';

export interface OpenTimes {
  /** Everything before this hour is in the index, but for marked hours. */
  from: string;
  nowHour: string;
  /** Hours that got late events. */
  marked: Iterable<string>;
}

/** Behind every hour: an event may be of a clock that is fast. */
const END = '9999';

/**
 * What has to be read of the ledger because the index may lack it, the latest first. The times grow, so that an index that is
 * months behind is a few of them, and one that is not is one.
 */
export function* openHours({ from, nowHour, marked }: OpenTimes): Generator<LedgerTime> {
  let before = END;
  for (let hours = 2; before > from; hours *= 2) {
    const begin = hourOf(startOfSpan(before === END ? nowHour : before) - hours * HOUR_MS);
    yield { from: begin > from ? begin : from, before };
    before = begin;
  }
  let run: LedgerTime | undefined;
  for (const hour of [...marked].sort().reverse()) {
    if (hour >= from) continue;
    if (run?.from === nextHour(hour)) run.from = hour;
    else {
      if (run) yield run;
      run = { from: hour, before: nextHour(hour) };
    }
  }
  if (run) yield run;
}
