import { MOST_DRIFT } from '../ingest/price-watch.ts';
import { pricedModel } from '../pricing/price-book.ts';
import { toUsd } from '../util/money.ts';
import { type Fault, type Finding, findingOf, well } from './check.ts';
import type { PriceCheck } from './price-check.ts';

/** What calls of one model came to, of those that have both prices; nano-USD. */
export interface ModelCosts {
  calls: number;
  ours: bigint;
  payi: bigint;
}

const MEND =
  'Look at the lines price-differs of the log, run npm run prices -- --check, and mend MODEL_PRICES or the resource at Pay-i (docs/prices.md).';

/**
 * Do our prices and those of Pay-i agree within 1 %? By model, of the events that Pay-i priced; a bulk ingest's answer has no prices, so
 * `byUnit` adds what differs in Pay-i's categories.
 */
export function checkPriceDrift(models: ReadonlyMap<string, ModelCosts>, byUnit: readonly Fault[] = []): Finding {
  if (models.size === 0 && byUnit.length === 0)
    return well('Pay-i named no price of a call since yesterday; its categories have our prices.');
  const differing = [...models].filter(([, costs]) => Math.abs(shareOf(costs)) > MOST_DRIFT);
  return findingOf(
    [
      ...differing.map(([model, costs]) => ({
        found: `${model}: ${costs.calls} calls cost ${toUsd(costs.ours)} USD here and ${toUsd(costs.payi)} USD at Pay-i (${percent(costs)}).`,
        mend: MEND,
      })),
      ...byUnit,
    ],
    `Prices of ${models.size} models agree with Pay-i within 1 %.`,
  );
}

const shareOf = ({ ours, payi }: ModelCosts): number =>
  ours === 0n ? (payi === 0n ? 0 : 1) : Number(payi - ours) / Number(ours);

const percent = (costs: ModelCosts): string => `${shareOf(costs) > 0 ? '+' : ''}${(shareOf(costs) * 100).toFixed(1)} %`;

const MILLION = 1_000_000;

/** What differs by more than 1 % in Pay-i's categories, of the units that were used. @param used unit names by model */
export function unitDrift(
  { rows, missingAtPayi }: PriceCheck,
  used: ReadonlyMap<string, ReadonlySet<string>>,
): Fault[] {
  const unitsOf = (model: string): ReadonlySet<string> | undefined => used.get(pricedModel(model) ?? model);
  const shown = (usd: number | null): string =>
    usd === null ? 'nothing' : `${Number((usd * MILLION).toFixed(6))} USD`;
  return [
    ...rows
      .filter(({ model, unit, ours, payi }) => unitsOf(model)?.has(unit) && !isNear(ours, payi))
      .map(({ model, unit, ours, payi }) => ({
        found: `${model}, ${unit}: a million cost ${shown(ours)} here and ${shown(payi)} in Pay-i's category.`,
        mend: MEND,
      })),
    ...missingAtPayi
      .filter((model) => unitsOf(model)?.size)
      .map((model) => ({ found: `${model}: Pay-i's categories do not have it.`, mend: MEND })),
  ];
}

const isNear = (ours: number | null, payi: number | null): boolean =>
  ours !== null && payi !== null && Math.abs(payi - ours) <= ours * MOST_DRIFT;
