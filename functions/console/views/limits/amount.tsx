import { amountText, exactAmount, type Unit } from './limit-figures.ts';

/** An amount of a limit; the tooltip has all its digits. */
export const Amount = ({ unit, value }: { unit: Unit; value: number }) => (
  <span title={exactAmount(unit, value)}>{amountText(unit, value)}</span>
);
