import { Name } from '../../parts/name.tsx';
import { Time } from '../../parts/time.tsx';
import { Usd } from '../../parts/usd.tsx';
import { Amount } from './amount.tsx';
import { amountText, type Limit } from './limit-figures.ts';
import { whoseText } from './limit-title.ts';

/** The figures of one limit. */
export function LimitFacts({ limit }: { limit: Limit }) {
  return (
    <dl class="pairs">
      <dt>Whose</dt>
      <dd>
        <Name text={whoseText(limit)} none={limit.scope === 'global' ? 'all calls' : 'not known yet'} />
      </dd>
      <dt>Maximum</dt>
      <dd>{amountText(limit.unit, limit.max)}</dd>
      {limit.threshold !== null && (
        <>
          <dt>Threshold</dt>
          <dd>{amountText(limit.unit, limit.threshold)}</dd>
        </>
      )}
      <dt>Spent</dt>
      <dd>
        <Amount unit={limit.unit} value={limit.spent} />
      </dd>
      <dt>In flight</dt>
      <dd>
        <Amount unit={limit.unit} value={limit.held} />
      </dd>
      <dt>Set aside</dt>
      <dd>
        <Amount unit={limit.unit} value={limit.setAside} />
      </dd>
      <dt>Left</dt>
      <dd>
        <Amount unit={limit.unit} value={limit.left} />
      </dd>
      {limit.payi && (
        <>
          <dt>At Pay-i</dt>
          <dd>
            <Usd value={limit.payi.spentUsd} />
            {limit.payi.asOf && (
              <>
                , as of <Time at={limit.payi.asOf} />
              </>
            )}
          </dd>
        </>
      )}
      {limit.forecast?.atEnd && (
        <>
          <dt>Projected</dt>
          <dd>
            <Amount unit={limit.unit} value={limit.forecast.atEnd.likely} /> at the end, most likely{' '}
            {amountText(limit.unit, limit.forecast.atEnd.from)} to {amountText(limit.unit, limit.forecast.atEnd.to)}
          </dd>
        </>
      )}
      {limit.forecast?.exhaustedAt.likely && (
        <>
          <dt>Exhausted</dt>
          <dd>
            about <Time at={limit.forecast.exhaustedAt.likely} /> if calls go on as they do
          </dd>
        </>
      )}
      {limit.refused && (
        <>
          <dt>Refused</dt>
          <dd>
            a call that needed <Amount unit={limit.unit} value={limit.refused.needed} />, first{' '}
            <Time at={limit.refused.at} />
          </dd>
        </>
      )}
      <dt>Resets</dt>
      <dd>{limit.resetsAt ? <Time at={limit.resetsAt} /> : 'when an admin resets it'}</dd>
    </dl>
  );
}
