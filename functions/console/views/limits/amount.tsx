import { amountText, exactAmount, figureText, type Unit } from './limit-figures.ts';

/** An amount of a limit; the tooltip has all its digits. @param isBare without the name of what is counted */
export const Amount = ({ unit, value, isBare = false }: { unit: Unit; value: number; isBare?: boolean }) => (
  <span title={exactAmount(unit, value)}>{(isBare ? figureText : amountText)(unit, value)}</span>
);
