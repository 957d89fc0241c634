import type { Units } from '../events/usage-event.ts';

/** What a provider bills by, in tokens and searches; each book's own names are read into these. */
export const billedUnits = ['input', 'output', 'cache_write', 'cache_write_1h', 'cache_read', 'web_search'] as const;
export type BilledUnit = (typeof billedUnits)[number];

export type Amounts = Record<BilledUnit, number>;

export const noBilledAmounts = (): Amounts => ({
  input: 0,
  output: 0,
  cache_write: 0,
  cache_write_1h: 0,
  cache_read: 0,
  web_search: 0,
});

/** Adds to `sum`. */
export function addAmounts(sum: Amounts, more: Readonly<Amounts>): void {
  for (const unit of billedUnits) sum[unit] += more[unit];
}

const ofInput: Readonly<Record<string, BilledUnit>> = {
  text_cache_write: 'cache_write',
  text_cache_write_1h: 'cache_write_1h',
  text_cache_read: 'cache_read',
};

/** Units of an event as a provider bills them: pictures are input, reasoning is output, and a large context has no units of its own. */
export function billedAmountsOf(units: Units): Amounts {
  const sum = noBilledAmounts();
  for (const [unit, { input = 0, output = 0 }] of Object.entries(units)) {
    if (unit === 'web_search_request') sum.web_search += input + output;
    else {
      sum[ofInput[unit.replace(/_large_context$/, '')] ?? 'input'] += input;
      sum.output += output;
    }
  }
  return sum;
}
