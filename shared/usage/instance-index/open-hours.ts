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
/** Times of marked hours. Where they are more, what lies between them is read too. */
const MARKED_TIMES = 12;

/**
 * What has to be read of the ledger because the index may lack it, the latest first. The times grow, so that an index that is
 * months behind is a few of them, and one that is not is one.
 */
export function* openHours({ from, nowHour, marked }: OpenTimes): Generator<LedgerTime> {
  let before = END;
  for (let hours = 2; before > from; hours *= 2) {
    const begin = addHours(before === END ? nowHour : before, -hours);
    yield { from: begin > from ? begin : from, before };
    before = begin;
  }
  const late = [...marked].filter((hour) => hour < from).sort();
  let times = joined(late, 1);
  for (let gap = 2; times.length > MARKED_TIMES; gap *= 2) times = joined(late, gap);
  yield* times.reverse();
}

/** Times of hours that are not further apart. */
function joined(hours: string[], gap: number): LedgerTime[] {
  const times: LedgerTime[] = [];
  for (const hour of hours) {
    const last = times.at(-1);
    if (last && addHours(last.before, gap - 1) >= hour) last.before = nextHour(hour);
    else times.push({ from: hour, before: nextHour(hour) });
  }
  return times;
}

const addHours = (hour: string, hours: number): string => hourOf(startOfSpan(hour) + hours * HOUR_MS);
