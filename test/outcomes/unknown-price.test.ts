import { expect, test } from 'vitest';
import { firstSend } from '../../shared/events/queued-event.ts';
import { type LedgerRow, rowOf } from '../../shared/ledger/ledger-row.ts';
import { outcomeRows } from '../../shared/outcomes/outcome-report.ts';
import { usageRow } from '../../shared/usage/answers/usage-report.ts';
import { addToPart, noPart } from '../../shared/usage/instance-part.ts';
import { addCall, noUsage, unitsOf } from '../../shared/usage/usage-figures.ts';
import { startMs, usageEvent } from '../support/events.ts';

/** A model without a price: its calls cost null wherever they are summed up, and never nothing. */

const rows = (...costs: (number | null)[]): LedgerRow[] =>
  costs.map((estimatedCost) =>
    rowOf({
      outgoing: firstSend(usageEvent({ estimatedCost })),
      tried: false,
      state: 'ingested',
      outcome: 'accepted',
      atMs: startMs,
    }),
  );

function usageOf(calls: LedgerRow[]) {
  const figures = noUsage();
  for (const row of calls) addCall(figures, row, unitsOf(row));
  return usageRow([], { place: [], figures, outcomes: new Map() } as unknown as Parameters<typeof usageRow>[1]);
}

function outcomesOf(calls: LedgerRow[]) {
  const part = noPart('trail_finder', 'run-1');
  for (const row of calls) addToPart(part, row, unitsOf(row));
  return outcomeRows('trail_finder', [part])[0];
}

test.each([
  [[null, null], null, 2],
  [[null, 1_000_000], 0.001, 1],
  [[1_000_000, 0], 0.001, 0],
  [[0], 0, 0],
])('calls that cost %j nano-USD come to %s USD, %d of them without a price', (costs, estimatedUsd, unestimated) => {
  const calls = rows(...costs);
  expect(usageOf(calls)).toMatchObject({ estimatedUsd, unestimated });
  expect(outcomesOf(calls)).toMatchObject({ estimatedUsd, unestimated });
});

test('no calls cost nothing', () => {
  expect(usageOf([])).toMatchObject({ estimatedUsd: 0, unestimated: 0 });
});
