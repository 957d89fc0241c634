/**
 * Digits behind the point, by the size of an amount: a call costs fractions of a cent, a month thousands of dollars. Round amounts, as
 * people set them, need two.
 */
const digitsOf = (usd: number): number => {
  const size = Math.abs(usd);
  if (size >= 1 || Number(usd.toFixed(2)) === usd) return 2;
  return size >= 0.01 ? 4 : 6;
};

const formats = new Map<string, Intl.NumberFormat>();

/** USD in the viewer's language. @param digits behind the point; absent: as many as the amount needs */
export function money(usd: number, digits = digitsOf(usd), locale?: string): string {
  const key = `${locale} ${digits}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency: 'USD',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formats.set(key, format);
  }
  return format.format(usd);
}

/** All digits that the app keeps: nano-USD. */
export const exactMoney = (usd: number, locale?: string): string => money(usd, 9, locale);
