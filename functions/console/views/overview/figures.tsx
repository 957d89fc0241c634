import { count, duration, percent, shortCount } from '../../format/numbers.ts';
import { Figure } from '../../parts/figure.tsx';
import { Usd } from '../../parts/usd.tsx';
import type { OverviewData } from './load.ts';
import { monthSpend } from './projection.ts';
import type { Range } from './range.ts';
import { totalsOf } from './totals.ts';
import type { UsageRow } from './usage.ts';

/** The figures above the chart. They have their places before the data is there. */
export function Figures({ data, range, now }: { data: OverviewData | undefined; range: Range; now: number }) {
  const spend = data && monthSpend(data.month, now);
  // Of the times, which are always whole: of groups there can be more than one page.
  const totals = data && totalsOf(data.times);
  const latest = data && latestSpend(data.times);
  const today = data?.today;
  return (
    <dl class="figures">
      <Figure name={range.interval === 'hour' ? 'Latest hour' : 'Latest day'}>
        {latest && <Usd value={latest.usd} />}
      </Figure>
      <Figure name="Today" note="since 00:00 UTC">
        {spend && <Usd value={spend.today} />}
      </Figure>
      <Figure name="This month" note={spend?.projected == null ? undefined : <Projected usd={spend.projected} />}>
        {spend && <Usd value={spend.month} />}
      </Figure>
      <Figure
        name="Selected time"
        note={totals && totals.unestimated > 0 ? `${count(totals.unestimated)} calls without a price` : undefined}
      >
        {totals && <Usd value={totals.usd} />}
      </Figure>
      <Figure name="Requests" note={totals && `${count(totals.refused)} refused by limits`}>
        {totals && shortCount(totals.requests)}
      </Figure>
      <Figure name="Failures" note={totals && `${count(totals.failed)} failed, ${count(totals.aborted)} aborted`}>
        {totals && percent(totals.requests === 0 ? 0 : totals.failed / totals.requests)}
      </Figure>
      <Figure name="Tokens" note={totals && `${shortCount(totals.input)} in, ${shortCount(totals.output)} out`}>
        {totals && shortCount(totals.input + totals.output)}
      </Figure>
      <Figure name="From the cache" note="of tokens sent">
        {totals && percent(totals.input === 0 ? 0 : totals.cacheRead / totals.input)}
      </Figure>
      <Figure name="Latency today" note={today?.latencyMs && `95 % within ${duration(today.latencyMs.p95)}`}>
        {today?.latencyMs && duration(today.latencyMs.p50)}
      </Figure>
      <Figure
        name="First token today"
        note={today?.timeToFirstTokenMs ? `95 % within ${duration(today.timeToFirstTokenMs.p95)}` : 'of streams'}
      >
        {today?.timeToFirstTokenMs && duration(today.timeToFirstTokenMs.p50)}
      </Figure>
    </dl>
  );
}

const Projected = ({ usd }: { usd: number }) => (
  <span title="At the pace of this month so far">
    projected <Usd value={usd} />
  </span>
);

/** What the latest hour or day with a call came to. */
function latestSpend(rows: readonly UsageRow[]): { usd: number } {
  const latest = rows.reduce((last, { start = '' }) => (start > last ? start : last), '');
  return {
    usd: rows.filter(({ start }) => start === latest).reduce((sum, { estimatedUsd }) => sum + (estimatedUsd ?? 0), 0),
  };
}
