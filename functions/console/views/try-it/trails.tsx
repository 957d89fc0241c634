import { count } from '../../format/numbers.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { Facts } from '../../parts/facts.tsx';
import type { Search } from './features.ts';

type Trail = Search['recommendations'][number];

const tones: Record<Trail['vehicleCompatibility'], Tone> = {
  excellent: 'good',
  good: 'good',
  marginal: 'warn',
  'not-recommended': 'bad',
};

/** Trails that were found. */
export const Trails = ({ trails }: { trails: readonly Trail[] }) => (
  <ol class="cards">
    {trails.map((trail, index) => (
      <li key={`${index} ${trail.name}`}>
        <TrailCard trail={trail} />
      </li>
    ))}
  </ol>
);

function TrailCard({ trail }: { trail: Trail }) {
  const { name, location, description, whyRecommended, difficulty, vehicleCompatibility, warnings, ...rest } = trail;
  return (
    <article>
      <h3>
        <Facts value={name} />
      </h3>
      <p class="muted">
        <Facts value={location} />
      </p>
      <p>
        <Badge tone={tones[vehicleCompatibility]}>{vehicleCompatibility}</Badge>{' '}
        <Badge tone="quiet">difficulty {count(difficulty)}</Badge>
      </p>
      <p>
        <Facts value={description} />
      </p>
      <p>
        <Facts value={whyRecommended} />
      </p>
      {warnings.length > 0 && (
        <div class="notice warn">
          <Facts value={warnings} />
        </div>
      )}
      <details>
        <summary>More</summary>
        <Facts value={rest} />
      </details>
    </article>
  );
}
