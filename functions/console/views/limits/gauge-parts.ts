import type { Limit } from './limit-figures.ts';

type Figures = Pick<Limit, 'max' | 'spent' | 'held' | 'setAside' | 'threshold'>;

/** Lengths of a gauge's parts, 0 to 1 of its width, one after the other; the rest is free. */
export interface GaugeParts {
  spent: number;
  held: number;
  setAside: number;
  /** Place of the threshold. */
  threshold: number | null;
}

/** What stands where on a gauge. What is beyond the maximum fills it; the figures say how far. */
export function gaugeParts({ max, threshold, ...figures }: Figures): GaugeParts {
  let left = 1;
  const take = (amount: number): number => {
    const share = max > 0 ? Math.min(left, Math.max(0, amount / max)) : left;
    left -= share;
    return share;
  };
  const [spent, held, setAside] = [take(figures.spent), take(figures.held), take(figures.setAside)];
  return { spent, held, setAside, threshold: threshold === null ? null : threshold / max };
}

/** The share of the maximum that is spent or held, by which limits stand in order. */
export const usedShare = ({ max, spent, held }: Pick<Limit, 'max' | 'spent' | 'held'>): number =>
  max > 0 ? (spent + held) / max : 1;
