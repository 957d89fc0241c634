import type { Clock } from '../clock.ts';
import { DAY_MS, dayOf } from './days.ts';
import type { DeadLetterStore } from './dead-letters.ts';
import type { KpiScores } from './kpi-scores.ts';
import type { Ledger } from './ledger.ts';
import type { Register } from './register.ts';

export interface RetentionOptions {
  register: Pick<Register, 'prune'>;
  ledger: Pick<Ledger, 'prune'>;
  deadLetters: Pick<DeadLetterStore, 'prune'>;
  kpis: Pick<KpiScores, 'prune'>;
  clock: Clock;
}

/** Deletes what is older than the retention (days). Dead letters that nobody dealt with stay. @returns how many rows */
export async function prune(options: RetentionOptions, days: number): Promise<number> {
  const { register, ledger, deadLetters, kpis, clock } = options;
  const beforeMs = clock.now() - days * DAY_MS;
  let rows = await register.prune(dayOf(beforeMs));
  // Kept a day longer: the register goes by when an event was published, the ledger by when its call began.
  rows += await ledger.prune(dayOf(beforeMs - DAY_MS));
  rows += await deadLetters.prune(beforeMs);
  return rows + (await kpis.prune(beforeMs));
}
