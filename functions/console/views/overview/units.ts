import type { UsageRow } from './usage.ts';

/** What calls used of one unit, such as `text` or `text_cache_read`. */
export interface UnitSum {
  unit: string;
  input: number;
  output: number;
  /** Of all tokens in the same direction, 0 to 1; null for what is not tokens. */
  inputShare: number | null;
  outputShare: number | null;
}

/** Units that are not tokens. */
const others: readonly string[] = ['web_search_request', 'character'];

/** What rows of usage come to together, unit by unit, the most used first. */
export function unitSums(rows: readonly Pick<UsageRow, 'units'>[]): UnitSum[] {
  const sums = new Map<string, { input: number; output: number }>();
  for (const { units } of rows)
    for (const [unit, { input, output }] of Object.entries(units)) {
      const sum = sums.get(unit) ?? { input: 0, output: 0 };
      sums.set(unit, { input: sum.input + input, output: sum.output + output });
    }
  const tokens = { input: 0, output: 0 };
  for (const [unit, { input, output }] of sums)
    if (!others.includes(unit)) {
      tokens.input += input;
      tokens.output += output;
    }
  const share = (unit: string, part: number, whole: number) =>
    others.includes(unit) || whole === 0 ? null : part / whole;
  return [...sums]
    .map(([unit, { input, output }]) => ({
      unit,
      input,
      output,
      inputShare: share(unit, input, tokens.input),
      outputShare: share(unit, output, tokens.output),
    }))
    .sort((a, b) => b.input + b.output - (a.input + a.output));
}
