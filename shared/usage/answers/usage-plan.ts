import type { RollupHead } from '../rollups/rollup-store.ts';
import { dayOfSpan, hoursBetween, nextHour } from '../spans.ts';

/** Where the usage of a time is read from. */
export interface UsagePlan {
  rollups: RollupHead[];
  /** Hours from one on and before the other, to be folded from the ledger. */
  ledger: { from: string; before: string }[];
}

export interface UsageTimes {
  /** Hours, e.g. `2026-11-23T10`. */
  from: string;
  before: string;
  /** Hours are to be reported one by one. */
  hourly: boolean;
  /** Undefined: nothing was folded yet. */
  foldedBefore: string | undefined;
  heads: ReadonlyMap<string, RollupHead>;
  /** Hours whose rollup may lack a late event. */
  marked: ReadonlySet<string>;
}

/** The fewest rollups that cover a time; the ledger for hours that are open or got late events. */
export function planUsage({ from, before, hourly, foldedBefore = '', heads, marked }: UsageTimes): UsagePlan {
  const plan: UsagePlan = { rollups: [], ledger: [] };
  const changed = new Set([...marked].map(dayOfSpan));
  for (let hour = from; hour < before; ) {
    const day = dayOfSpan(hour);
    const nextDay = nextHour(`${day}T23`);
    const head = heads.get(day);
    if (head && !hourly && hour === `${day}T00` && nextDay <= before && !changed.has(day)) {
      plan.rollups.push(head);
      hour = nextDay;
      continue;
    }
    for (const each of hoursBetween(hour, nextDay < before ? nextDay : before)) addHour(each);
    hour = nextDay;
  }
  return plan;

  function addHour(hour: string): void {
    if (hour < foldedBefore && !marked.has(hour)) {
      const head = heads.get(hour);
      if (head) plan.rollups.push(head);
      return;
    }
    const last = plan.ledger.at(-1);
    if (last?.before === hour) last.before = nextHour(hour);
    else plan.ledger.push({ from: hour, before: nextHour(hour) });
  }
}
