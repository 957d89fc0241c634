import type { RequestShape } from '../model/request/request-shape.ts';
import type { AnswerReading } from '../model/usage/answer-reading.ts';
import type { ToolTurns } from '../model/usage/tool-turns.ts';
import type { Usage } from '../model/usage/usage.ts';
import { inputBound } from './bound.ts';

/** What server tools have cost by now, and what the turn that comes will cost, in nano-USD. Never too little. */
export const runningToolCost = (turns: ToolTurns, shape: RequestShape, atMs: number): bigint =>
  turns.added + turns.next > 0 ? inputBound(shape, atMs, turns.added + turns.next) : 0n;

/** Usage whose totals never came, with what turns of server tools added to the first one's. */
export function withToolTurns<U extends Usage>(usage: U, turns: AnswerReading['turns']): U {
  if (!turns || turns.added === 0) return usage;
  return turns.isCached
    ? { ...usage, cacheWrite: (usage.cacheWrite ?? 0) + turns.added }
    : { ...usage, input: (usage.input ?? 0) + turns.added };
}

/** Of a usage, the part that server tools added to the input: all but the first turn's, where that is known. */
export function toolUsage({ usage, turns }: AnswerReading): Usage {
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
