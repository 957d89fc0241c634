import type { LedgerRow } from '../ledger/ledger-row.ts';
import { toUsd } from '../util/money.ts';
import { addSketch, addValue, type Sketch } from './sketch.ts';
import type { CallUnits } from './tokens.ts';

/** What calls used and cost. Every figure is a sum, so that figures are added up in any order to the same result. */
export interface UsageFigures {
  /** HTTP attempts at a provider. */
  requests: number;
  /** Calls that a limit refused before they were made; they do not count as requests. */
  refused: number;
  /** Unit name to amounts in and out. */
  units: Map<string, { input: number; output: number }>;
  /** nano-USD by our price book, of those that have a price there. */
  estimatedCost: bigint;
  /** Requests without an estimate. */
  unestimated: number;
  /** nano-USD by Pay-i, of those that Pay-i priced. */
  pricedCost: bigint;
  /** Requests that Pay-i priced. */
  priced: number;
  /** ms to the end of the answer, of calls that succeeded. */
  latency: Sketch;
  /** ms to the first token, of streams that succeeded. */
  firstToken: Sketch;
}

export const noUsage = (): UsageFigures => ({
  requests: 0,
  refused: 0,
  units: new Map(),
  estimatedCost: 0n,
  unestimated: 0,
  pricedCost: 0n,
  priced: 0,
  latency: new Map(),
  firstToken: new Map(),
});

/** USD by our price book of the calls that have a price there; null where there are calls and none of them has one. */
export const estimatedUsdOf = ({
  requests,
  unestimated,
  estimatedCost,
}: Pick<UsageFigures, 'requests' | 'unestimated' | 'estimatedCost'>): number | null =>
  requests > 0 && unestimated === requests ? null : toUsd(estimatedCost);

/** Adds one call. @param units of it, see `unitsOf` */
export function addCall(sum: UsageFigures, row: LedgerRow, units: CallUnits): void {
  sum.requests += 1;
  addUnits(sum, units);
  if (row.estimatedCost === undefined) sum.unestimated += 1;
  else sum.estimatedCost += row.estimatedCost;
  if (row.pricedCost !== undefined) {
    sum.pricedCost += row.pricedCost;
    sum.priced += 1;
  }
  if (row.outcome !== 'succeeded') return;
  if (row.endToEndLatencyMs !== undefined) addValue(sum.latency, row.endToEndLatencyMs);
  if (row.timeToFirstTokenMs !== undefined) addValue(sum.firstToken, row.timeToFirstTokenMs);
}

export function addFigures(sum: UsageFigures, more: UsageFigures): void {
  sum.requests += more.requests;
  sum.refused += more.refused;
  addUnits(sum, more.units);
  sum.estimatedCost += more.estimatedCost;
  sum.unestimated += more.unestimated;
  sum.pricedCost += more.pricedCost;
  sum.priced += more.priced;
  addSketch(sum.latency, more.latency);
  addSketch(sum.firstToken, more.firstToken);
}

/** The units of a row, parsed once for all the sums that it is added to. */
export const unitsOf = ({ units }: LedgerRow): CallUnits =>
  units === undefined ? [] : Object.entries(JSON.parse(units) as Record<string, CallUnits[number][1]>);

function addUnits(sum: UsageFigures, units: Iterable<CallUnits[number]>): void {
  for (const [name, { input = 0, output = 0 }] of units) {
    const known = sum.units.get(name);
    if (known) {
      known.input += input;
      known.output += output;
    } else sum.units.set(name, { input, output });
  }
}
