import type { AnswerOf } from '../../data/routes.ts';
import { exactMoney, money } from '../../format/money.ts';
import { count } from '../../format/numbers.ts';

type Listed = AnswerOf<'GET /api/limits'>['limits'][number];
type Counted = Extract<Listed, { spent: number }>;
type InUsd = Extract<Listed, { spentUsd: number }>;

/** A limit that a user sees whole. */
export type FullLimit = InUsd | Counted;
export type Unit = FullLimit['unit'];

/** A limit with its figures under the same names, whatever it counts. */
export type Limit = Omit<Counted, 'unit' | 'payi'> & { unit: Unit; payi: InUsd['payi'] | null };

export const isFull = (limit: Listed): limit is FullLimit => 'spentUsd' in limit || 'spent' in limit;

export function withFigures<L extends FullLimit>(limit: L): Limit {
  if (!('spentUsd' in limit)) return limit as Counted;
  const {
    maxUsd,
    thresholdUsd,
    spentUsd,
    heldUsd,
    setAsideUsd,
    leftUsd,
    abandonedUsd,
    missedUsd,
    refused,
    forecast,
    ...rest
  } = limit as InUsd;
  return {
    ...rest,
    max: maxUsd,
    threshold: thresholdUsd,
    spent: spentUsd,
    held: heldUsd,
    setAside: setAsideUsd,
    left: leftUsd,
    abandoned: abandonedUsd,
    missed: missedUsd,
    refused: refused && { needed: refused.neededUsd, at: refused.at },
    forecast: forecast && forecastInUnit(forecast),
  };
}

const forecastInUnit = ({ perHourUsd, atEndUsd, ...rest }: NonNullable<InUsd['forecast']>): Limit['forecast'] => ({
  ...rest,
  perHour: perHourUsd,
  atEnd: atEndUsd,
});

/** `$5.00`, `1,200`: where the unit is said by other words. */
export const figureText = (unit: Unit, value: number): string => (unit === 'usd' ? money(value) : count(value));

/** `$5.00`, `1,200 tokens`. */
export const amountText = (unit: Unit, value: number): string =>
  unit === 'usd' ? money(value) : `${count(value)} ${unitWords(unit, value)}`;

/** `USD`, `web searches`; of one piece `web search`. */
export function unitWords(unit: Unit, value?: number): string {
  if (unit === 'usd') return 'USD';
  const words = unit.replace('_', ' ');
  return value === 1 ? words.replace(/(?<=search)es$|s$/, '') : words;
}

/** The same with all digits. */
export const exactAmount = (unit: Unit, value: number): string =>
  unit === 'usd' ? exactMoney(value) : amountText(unit, value);
