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

/** A time that something took. */
export function duration(ms: number, locale?: string): string {
  const [value, unit] =
    ms < SECOND_MS ? [ms, 'millisecond'] : ms < MINUTE_MS ? [ms / SECOND_MS, 'second'] : [ms / MINUTE_MS, 'minute'];
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: String(unit),
    unitDisplay: 'short',
    maximumFractionDigits: ms < SECOND_MS ? 0 : 1,
  }).format(Number(value));
}
