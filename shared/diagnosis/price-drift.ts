import { MOST_DRIFT } from '../ingest/price-watch.ts';
import { toUsd } from '../util/money.ts';
import { type Finding, findingOf, well } from './check.ts';

/** What calls of one model came to, of those that have both prices; nano-USD. */
export interface ModelCosts {
  calls: number;
  ours: bigint;
  payi: bigint;
}

/** Do our prices and those of Pay-i agree within 1 %? Of the events that Pay-i priced; a bulk ingest's answer has no prices. */
export function checkPriceDrift(models: ReadonlyMap<string, ModelCosts>): Finding {
  if (models.size === 0) return well('Pay-i named no price of a call since yesterday.');
  const differing = [...models].filter(([, costs]) => Math.abs(shareOf(costs)) > MOST_DRIFT);
  return findingOf(
    differing.map(([model, costs]) => ({
      found: `${model}: ${costs.calls} calls cost ${toUsd(costs.ours)} USD here and ${toUsd(costs.payi)} USD at Pay-i (${percent(costs)}).`,
      mend: 'Look at the lines price-differs of the log, run npm run prices -- --check, and mend MODEL_PRICES or the resource at Pay-i (docs/prices.md).',
    })),
    `Prices of ${models.size} models agree with Pay-i within 1 %.`,
  );
}

const shareOf = ({ ours, payi }: ModelCosts): number =>
  ours === 0n ? (payi === 0n ? 0 : 1) : Number(payi - ours) / Number(ours);

const percent = (costs: ModelCosts): string => `${shareOf(costs) > 0 ? '+' : ''}${(shareOf(costs) * 100).toFixed(1)} %`;
