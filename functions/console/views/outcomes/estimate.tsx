import { money } from '../../format/money.ts';
import { count } from '../../format/numbers.ts';
import type { Estimate } from './load.ts';

/** A value with its 95 % interval, where it has one. */
export function EstimateText({ estimate, format }: { estimate: Estimate | null; format: (value: number) => string }) {
  if (!estimate) return <span class="muted">–</span>;
  const { value, low, high } = estimate;
  return (
    <>
      {format(value)}
      {low !== null && high !== null && (
        <span class="muted" title="95 % confidence interval">
          {' '}
          ({format(low)} to {format(high)})
        </span>
      )}
    </>
  );
}

export const asMoney = (usd: number): string => money(usd);
export const asScore = (score: number): string => count(Math.round(score * 1_000) / 1_000);
