import { count, duration } from '../../format/numbers.ts';
import { Badge } from '../../parts/badge.tsx';
import { Facts } from '../../parts/facts.tsx';
import { byDay } from './days.ts';
import type { Plan } from './features.ts';

type Waypoint = Plan['waypoints'][number];
const MINUTE_MS = 60_000;
const DEGREE_DIGITS = 4;

/** A route, day by day. */
export const Route = ({ plan: { plan, waypoints, totals } }: { plan: Plan }) => (
  <>
    <p>
      {count(Math.round(totals.totalDistance))} miles
      {totals.distanceBasis === 'straight-line' && ' as the crow flies'}, {duration(totals.estimatedTime * MINUTE_MS)},{' '}
      {count(Math.round(totals.elevationGain))} feet up
    </p>
    {byDay(waypoints).map(({ day, points }) => (
      <section key={String(day)}>
        <h3>{day === null ? 'On the way' : `Day ${day}`}</h3>
        <ol class="stops">
          {points.map((point, index) => (
            <li key={`${index} ${point.name}`}>
              <Stop point={point} />
            </li>
          ))}
        </ol>
      </section>
    ))}
    <details>
      <summary>The whole plan</summary>
      <Facts value={plan} />
    </details>
  </>
);

const Stop = ({ point: { name, type, lat, lng, elevation, description } }: { point: Waypoint }) => (
  <>
    <Badge tone={type === 'hazard' ? 'bad' : 'quiet'}>{type}</Badge>{' '}
    <strong>
      <Facts value={name} />
    </strong>{' '}
    <span class="muted">
      {lat !== undefined && lng !== undefined && `${lat.toFixed(DEGREE_DIGITS)}, ${lng.toFixed(DEGREE_DIGITS)}`}
      {elevation !== undefined && `, ${count(Math.round(elevation))} ft`}
    </span>
    {description && (
      <p>
        <Facts value={description} />
      </p>
    )}
  </>
);
