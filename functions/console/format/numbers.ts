const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

export const count = (value: number, locale?: string): string => new Intl.NumberFormat(locale).format(value);

/** 12.3K, 4.1M. */
export const shortCount = (value: number, locale?: string): string =>
  new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value);

/** @param share 0 to 1 */
export function percent(share: number, locale?: string): string {
  const digits = share > 0 && share < 0.1 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: digits }).format(share);
}

/** `+12%`, `-3.4%`, `× 25`: how much more something is. @param share 0.12 is 12 % more */
export const signedPercent = (share: number, locale?: string): string => {
  if (share >= 10) return `× ${count(Math.round(share + 1), locale)}`;
  return new Intl.NumberFormat(locale, {
    style: 'percent',
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  }).format(share);
};

const units = [
  [HOUR_MS, 'hour'],
  [MINUTE_MS, 'minute'],
  [SECOND_MS, 'second'],
  [0, 'millisecond'],
] as const;

/** A time that something took. */
export function duration(ms: number, locale?: string): string {
  const [unitMs, unit] = units.find(([least]) => ms >= least) ?? [0, 'millisecond'];
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: unitMs === 0 ? 0 : 1,
  }).format(ms / (unitMs || 1));
}
