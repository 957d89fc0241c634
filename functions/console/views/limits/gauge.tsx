import { hrefOf } from '../../data/place.ts';
import { goTo } from '../../data/use-place.ts';
import { percent } from '../../format/numbers.ts';
import { actOf } from '../../format/words.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { Name } from '../../parts/name.tsx';
import { Time } from '../../parts/time.tsx';
import { Amount } from './amount.tsx';
import { gaugeParts, usedShare } from './gauge-parts.ts';
import { amountText, figureText, type Limit } from './limit-figures.ts';
import { titleOf } from './limit-title.ts';

/** How full a limit is: spent, in flight, set aside, left. */
export function Gauge({ limit }: { limit: Limit }) {
  const { limitId, type, shadow, state, unit, max, resetsAt, refused, forecast } = limit;
  const { spent, held, setAside, threshold } = gaugeParts(limit);
  const place = { view: 'limits', query: { id: limitId } };
  return (
    <li class="gauge">
      <div class="line">
        <a
          href={hrefOf(place)}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            goTo(place);
          }}
        >
          <Name text={titleOf(limit)} />
        </a>
        <StateBadge state={state} />
      </div>
      <svg
        role="img"
        aria-label={`${percent(usedShare(limit))} of ${amountText(unit, max)} spent or held`}
        viewBox="0 0 100 6"
        preserveAspectRatio="none"
      >
        <rect class="free" width="100" height="6" />
        <rect class={`spent ${toneOf(state)}`} width={spent * 100} height="6" />
        <rect class="held" x={spent * 100} width={held * 100} height="6" />
        <rect class="aside" x={(spent + held) * 100} width={setAside * 100} height="6" />
        {threshold !== null && <rect class="threshold" x={threshold * 100 - 0.3} width="0.6" height="6" />}
      </svg>
      <p class="amounts">
        <strong>
          <Amount unit={unit} value={limit.spent} isBare />
        </strong>{' '}
        of {amountText(unit, max)} spent
      </p>
      <p>
        <Amount unit={unit} value={limit.left} isBare /> left
      </p>
      <p class="muted">
        {figureText(unit, limit.held)} in flight, {figureText(unit, limit.setAside)} set aside
      </p>
      <p class="muted">
        {actOf(type)}
        {shadow && ', shadow'} ·{' '}
        {resetsAt ? (
          <>
            resets <Time at={resetsAt} isRelative />
          </>
        ) : (
          'never resets'
        )}
      </p>
      {/* What blocks is not passed: then it says when it is spent. */}
      {forecast?.atEnd && (type === 'allow' || !forecast.exhaustedAt.likely) && (
        <p class="muted">
          <Amount unit={unit} value={forecast.atEnd.likely} isBare /> projected for the end
        </p>
      )}
      {forecast?.exhaustedAt.likely && (
        <p class="warned">
          Spent <Time at={forecast.exhaustedAt.likely} isRelative />, if calls go on as they do.
        </p>
      )}
      {refused && (
        <p class="refused">
          A call that needed <Amount unit={unit} value={refused.needed} /> was refused{' '}
          <Time at={refused.at} isRelative />.
        </p>
      )}
    </li>
  );
}

const toneOf = (state: Limit['state']): Tone => (state === 'ok' ? 'good' : state === 'exceeded' ? 'warn' : 'bad');

export const StateBadge = ({ state }: { state: Limit['state'] }) => <Badge tone={toneOf(state)}>{state}</Badge>;
