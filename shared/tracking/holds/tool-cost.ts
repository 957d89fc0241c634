import { type CallAmounts, noAmounts } from '../../limits/policies/units.ts';
import type { RequestShape } from '../../model/request/request-shape.ts';
import type { AnswerReading } from '../../model/usage/answer-reading.ts';
import { emptyUsage, priceModifiers, toUnits, type Usage } from '../../model/usage/usage.ts';
import { answerCost } from '../answer-cost.ts';
import { inputBound } from './bound.ts';
import { inputAmounts } from './call-amounts.ts';

/** Tokens that server tools have added by now, and those of the turn that comes. */
export const runningToolTokens = ({ turns }: AnswerReading): number => (turns?.added ?? 0) + (turns?.next ?? 0);

/**
 * What server tools have used by now and what the turn that comes will use. Never too little: whatever the provider adds to a
 * prompt may be written to a cache.
 */
export function runningToolUse(reading: AnswerReading, shape: RequestShape, atMs: number): CallAmounts {
  const tokens = runningToolTokens(reading);
  if (tokens === 0) return noAmounts;
  const units = toUnits({ ...emptyUsage, cacheWrite: tokens }, { oneHourCache: shape.oneHourCache });
  // Each model of a chain may be the one that answers, and reads what the tools found. The zone changes the price.
  const isZoned = reading.usage.inferenceGeo !== null || shape.surcharge !== undefined;
  const isPlain = shape.others.length === 0 && isZoned;
  const known = isPlain
    ? answerCost({ reading, atMs, units, modifiers: priceModifiers(reading.usage, shape.surcharge), shape })
    : null;
  return inputAmounts(known ?? inputBound(shape, atMs, tokens), tokens);
}

/** What server tools added to a complete answer; undefined where that is unknown. */
export function toolUseOf(
  reading: AnswerReading | undefined,
  atMs: number,
  shape: RequestShape,
): CallAmounts | undefined {
  if (!reading?.complete || shape.serverTools.length === 0) return undefined;
  const usage = toolUsage(reading);
  const units = toUnits(usage, { oneHourCache: shape.oneHourCache });
  const cost = answerCost({ reading, atMs, units, modifiers: priceModifiers(reading.usage, shape.surcharge), shape });
  return cost === null
    ? undefined
    : inputAmounts(cost, (usage.input ?? 0) + (usage.cacheWrite ?? 0) + (usage.cacheRead ?? 0));
}

/** Usage whose totals never came, with what turns of server tools added to the first one's. */
export function withToolTurns<U extends Usage>(usage: U, turns: AnswerReading['turns']): U {
  if (!turns || turns.added === 0) return usage;
  return turns.isCached
    ? { ...usage, cacheWrite: (usage.cacheWrite ?? 0) + turns.added }
    : { ...usage, input: (usage.input ?? 0) + turns.added };
}

/** Of a usage, the part that server tools added to the input: all but the first turn's, where that is known. */
function toolUsage({ usage, turns }: AnswerReading): Usage {
  const { first } = turns ?? {};
  const beyond = (name: 'input' | 'cacheWrite' | 'cacheWrite5m' | 'cacheWrite1h' | 'cacheRead') =>
    Math.max(0, (usage[name] ?? 0) - (first?.[name] ?? 0));
  return {
    ...usage,
    input: beyond('input'),
    cacheWrite: beyond('cacheWrite'),
    cacheWrite5m: beyond('cacheWrite5m'),
    cacheWrite1h: beyond('cacheWrite1h'),
    cacheRead: beyond('cacheRead'),
    output: 0,
    webSearches: null,
  };
}
