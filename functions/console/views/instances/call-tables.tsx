import { money } from '../../format/money.ts';
import { duration } from '../../format/numbers.ts';
import { Badge } from '../../parts/badge.tsx';
import { countColumn, nameColumn, timeColumn, usdColumn } from '../../parts/columns.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Usd } from '../../parts/usd.tsx';
import type { Call } from './load.ts';

/** Digits of a price for one token, in USD. */
const PRICE_DIGITS = 9;

/** The calls of an instance, in the order in which they began. */
export const CallTable = ({ calls, hasMore }: { calls: readonly Call[]; hasMore: boolean }) => (
  <Table
    caption="Calls"
    columns={callColumns}
    rows={calls}
    keyOf={({ eventId }) => eventId}
    more={hasMore && <p>The instance has more calls than are shown.</p>}
  />
);

/** What each call cost, unit by unit: amount × price. */
export const PriceTable = ({ calls }: { calls: readonly Call[] }) => (
  <Table
    caption="Price lines"
    columns={priceColumns}
    rows={calls.flatMap((call, index) => (call.priceLines ?? []).map((line) => ({ ...line, call: index + 1 })))}
    keyOf={({ call, unit, direction }) => `${call} ${unit} ${direction}`}
  />
);

const ms = (title: string, value: (call: Call) => number | null): Column<Call> => ({
  title,
  value,
  show: (call) => {
    const time = value(call);
    return time === null ? '–' : duration(time);
  },
  isNumber: true,
});

const callColumns: Column<Call>[] = [
  timeColumn('started', ({ startedAt }) => startedAt),
  nameColumn('step', ({ step }) => step),
  nameColumn('model', ({ model }) => model),
  {
    title: 'outcome',
    value: ({ outcome }) => outcome,
    show: ({ outcome }) => <Badge tone={outcome === 'succeeded' ? 'good' : 'bad'}>{outcome}</Badge>,
  },
  { title: 'status', value: ({ httpStatusCode }) => httpStatusCode, isNumber: true },
  usdColumn('cost', ({ estimatedUsd }) => estimatedUsd),
  {
    title: 'cost at Pay-i',
    value: ({ payiUsd }) => payiUsd,
    show: ({ payiUsd }) => (payiUsd === null ? '–' : <Usd value={payiUsd} />),
    isNumber: true,
  },
  ms('latency', ({ latencyMs }) => latencyMs),
  ms('first token', ({ timeToFirstTokenMs }) => timeToFirstTokenMs),
  { title: 'event', value: ({ state }) => state },
  nameColumn('event id', ({ eventId }) => eventId),
];

type PriceLine = NonNullable<Call['priceLines']>[number] & { call: number };

const priceColumns: Column<PriceLine>[] = [
  { title: 'call', value: ({ call }) => call, isNumber: true },
  nameColumn('unit', ({ unit }) => unit),
  { title: 'direction', value: ({ direction }) => direction },
  countColumn('amount', ({ amount }) => amount),
  {
    title: 'price',
    value: ({ unitUsd }) => unitUsd,
    show: ({ unitUsd }) => money(unitUsd, PRICE_DIGITS),
    isNumber: true,
  },
  usdColumn('cost', ({ usd }) => usd),
];
