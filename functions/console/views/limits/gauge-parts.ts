import type { Limit } from './load.ts';

type Figures = Pick<Limit, 'maxUsd' | 'spentUsd' | 'heldUsd' | 'setAsideUsd' | 'thresholdUsd'>;

/** Lengths of a gauge's parts, 0 to 1 of its width, one after the other; the rest is free. */
export interface GaugeParts {
  spent: number;
  held: number;
  setAside: number;
  /** Place of the threshold. */
  threshold: number | null;
}

/** What stands where on a gauge. What is beyond the maximum fills it; the figures say how far. */
export function gaugeParts({ maxUsd, spentUsd, heldUsd, setAsideUsd, thresholdUsd }: Figures): GaugeParts {
  let left = 1;
  const take = (usd: number): number => {
    const share = maxUsd > 0 ? Math.min(left, Math.max(0, usd / maxUsd)) : left;
    left -= share;
    return share;
  };
  const [spent, held, setAside] = [take(spentUsd), take(heldUsd), take(setAsideUsd)];
  return { spent, held, setAside, threshold: thresholdUsd === null ? null : thresholdUsd / maxUsd };
}

/** The share of the maximum that is spent or held, by which limits stand in order. */
export const usedShare = ({ maxUsd, spentUsd, heldUsd }: Pick<Limit, 'maxUsd' | 'spentUsd' | 'heldUsd'>): number =>
  maxUsd > 0 ? (spentUsd + heldUsd) / maxUsd : 1;
