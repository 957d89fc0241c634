import type { RequestShape } from '../../model/request/request-shape.ts';
import type { AnswerReading } from '../../model/usage/answer-reading.ts';
import { emptyUsage, priceModifiers, toUnits, type Usage } from '../../model/usage/usage.ts';
import { answerCost } from '../answer-cost.ts';
import { inputBound } from './bound.ts';

/**
 * What server tools have cost by now and what the turn that comes will cost, in nano-USD. Never too little: whatever the
 * provider adds to a prompt may be written to a cache.
 */
export function runningToolCost(reading: AnswerReading, shape: RequestShape, atMs: number): bigint {
  const tokens = (reading.turns?.added ?? 0) + (reading.turns?.next ?? 0);
  if (tokens === 0) return 0n;
  const units = toUnits({ ...emptyUsage, cacheWrite: tokens }, { oneHourCache: shape.oneHourCache });
  // Each model of a chain may be the one that answers, and reads what the tools found. The zone changes the price.
  const isPlain = shape.others.length === 0 && reading.usage.inferenceGeo !== null;
  const known = isPlain ? answerCost({ reading, atMs, units, modifiers: priceModifiers(reading.usage), shape }) : null;
  return known ?? inputBound(shape, atMs, tokens);
}

/** nano-USD of what server tools added to a complete answer; undefined where that is unknown. */
export function toolCostOf(reading: AnswerReading | undefined, atMs: number, shape: RequestShape): bigint | undefined {
  if (!reading?.complete || shape.serverTools.length === 0) return undefined;
  const units = toUnits(toolUsage(reading), { oneHourCache: shape.oneHourCache });
  const modifiers = priceModifiers(reading.usage);
  return answerCost({ reading, atMs, units, modifiers, shape }) ?? undefined;
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
