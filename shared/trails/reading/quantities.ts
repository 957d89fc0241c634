import { isRecord } from '../../util/json/record.ts';
import { plain } from './plain.ts';

/** How much of the first unit one of the others is. */
const units = {
  psi: { psi: 1, bar: 14.503_774, kpa: 0.145_037_74 },
  feet: { ft: 1, feet: 1, foot: 1, m: 3.280_84, meters: 3.280_84, metres: 3.280_84 },
  miles: { mi: 1, mile: 1, miles: 1, km: 0.621_371, kilometers: 0.621_371, kilometres: 0.621_371 },
  hours: { h: 1, hr: 1, hrs: 1, hour: 1, hours: 1, min: 1 / 60, mins: 1 / 60, minutes: 1 / 60 },
} as const;
export type Unit = keyof typeof units;

const amount = /^(?:~|≈|about |approx\.? ?)?([+-]?\d[\d,]*(?:\.\d+)?)\s*(\p{L}*)$/iu;

/**
 * A number, or a text of one with or without a unit, in `unit`; a converted one with one decimal. What is neither comes back as
 * it is, and so does a range: which end of it is meant is the model's to say.
 */
export const inUnit =
  (unit?: Unit) =>
  (value: unknown): unknown => {
    const text = isRecord(value) && 'value' in value ? `${value['value']} ${value['unit'] ?? ''}` : value;
    if (typeof text !== 'string') return value;
    const [, digits = '', word = ''] = amount.exec(text.trim().replace('−', '-')) ?? [];
    const number = numberOf(digits);
    if (number === undefined) return value;
    if (word === '') return number;
    const factor = unit && (units[unit] as Record<string, number>)[plain(word)];
    if (factor === undefined) return value;
    return factor === 1 ? number : Math.round(number * factor * 10) / 10;
  };

/** English thousands (`2,500`) and a decimal comma (`3,5`). */
function numberOf(digits: string): number | undefined {
  if (/^[+-]?\d+(?:\.\d+)?$/.test(digits)) return Number(digits);
  if (/^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(digits)) return Number(digits.replaceAll(',', ''));
  return /^[+-]?\d+,\d{1,2}$/.test(digits) ? Number(digits.replace(',', '.')) : undefined;
}

/** Tyre pressures with their unit next to them, in psi. */
export function pressuresInPsi(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [plain(name), member] as const);
  const unit = members.find(([name]) => name === 'unit')?.[1] ?? 'psi';
  const inPsi = (member: unknown): unknown =>
    typeof member === 'number' || (typeof member === 'string' && !/\p{L}/u.test(member)) ? `${member} ${unit}` : member;
  return Object.fromEntries(members.map(([name, member]) => [name, name === 'unit' ? 'psi' : inPsi(member)]));
}

/** A score with the end of its scale: `4/5`, `4 out of 5`. One on another scale comes back as it is. */
export const outOf =
  (max: number) =>
  (value: unknown): unknown => {
    if (typeof value !== 'string') return value;
    const [, score, end] = /^(\S+?)\s*(?:\/|out of|of)\s*(\d+)$/i.exec(value.trim()) ?? [];
    return inUnit()(score !== undefined && Number(end) === max ? score : value);
  };

const ratings: Record<string, number> = { easy: 1, moderate: 2, difficult: 3, verydifficult: 4, extreme: 5 };

/** A difficulty as a number, in the scale's own words, or both where they agree. */
export function difficultyOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const [, number, word = ''] = /^(\d(?:\.\d)?)?[\s:(–-]*(\p{L}[\p{L} -]*)\)?$/u.exec(value.trim()) ?? [];
  const rating = ratings[plain(word)];
  if (rating !== undefined && (number === undefined || Number(number) === rating)) return rating;
  return outOf(5)(value);
}

const angle = /^([+-]?\d+(?:\.\d+)?)\s*°?\s*(?:(\d+(?:\.\d+)?)\s*['′]\s*)?(?:(\d+(?:\.\d+)?)\s*["″]\s*)?([NSEW])?$/i;

/** Decimal degrees from a number or a text such as `35.2° N` or `116°30'W`. A longitude past the date line is the same place. */
export const degrees =
  (axis: 'lat' | 'lng') =>
  (value: unknown): unknown => {
    const number = typeof value === 'string' ? degreesOf(value, axis) : value;
    if (typeof number !== 'number') return value;
    if (axis === 'lat' || Math.abs(number) <= 180 || Math.abs(number) > 360) return number;
    return Math.round((number - Math.sign(number) * 360) * 1e7) / 1e7;
  };

function degreesOf(text: string, axis: 'lat' | 'lng'): number | undefined {
  const found = angle.exec(
    text
      .trim()
      .replace('−', '-')
      .replace(/^([+-]?\d+),(\d+)$/, '$1.$2'),
  );
  if (!found) return undefined;
  const [, whole = '', minutes = '0', seconds = '0', letter = ''] = found;
  const side = letter.toUpperCase();
  if (side !== '' && !(axis === 'lat' ? 'NS' : 'EW').includes(side)) return undefined;
  const below = whole.startsWith('-');
  // `-35 N` contradicts itself.
  if (below && (side === 'N' || side === 'E')) return undefined;
  const size = Math.abs(Number(whole)) + Number(minutes) / 60 + Number(seconds) / 3_600;
  return below || side === 'S' || side === 'W' ? -size : size;
}
