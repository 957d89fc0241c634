import { type CountUnit, type LimitUnit, toFigure } from '../policies/units.ts';
import { type Estimate, type Foresight, timesOf } from './foresee.ts';

/** A `Foresight` with figures in the unit of its limit, and times as ISO 8601, UTC. */
export type Forecast<U extends LimitUnit = LimitUnit> = {
  trend: Foresight['trend'];
  exhaustedAt: Estimate<string | null>;
} & (U extends CountUnit
  ? { perHour: number; atEnd: Estimate<number> | null }
  : { perHourUsd: number; atEndUsd: Estimate<number> | null });

export function forecastOf(unit: LimitUnit, foresight: Foresight): Forecast {
  const { trend, perHour, exhaustedMs, atEnd } = foresight;
  const figure = (amount: number) => toFigure(unit, BigInt(amount));
  const common = { trend, exhaustedAt: timesOf(exhaustedMs) };
  const last = atEnd && { likely: figure(atEnd.likely), from: figure(atEnd.from), to: figure(atEnd.to) };
  return unit === 'usd'
    ? { ...common, perHourUsd: figure(perHour), atEndUsd: last }
    : { ...common, perHour: figure(perHour), atEnd: last };
}
