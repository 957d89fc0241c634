import { exactMoney, money } from '../format/money.ts';

/** An amount; the tooltip has all its digits. */
export function Usd({ value }: { value: number | null | undefined }) {
  if (value === null || value === undefined) return <span class="muted">unknown</span>;
  return <span title={exactMoney(value)}>{money(value)}</span>;
}
