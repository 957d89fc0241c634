import { hrefOf } from '../../data/place.ts';
import { goTo, useQuery } from '../../data/use-place.ts';
import type { View } from '../../data/view.ts';
import { FeatureForm } from './feature-form.tsx';
import { type FeatureName, features } from './features.ts';

export const tryIt: View = { name: 'try-it', title: 'Try it', access: 'user', Page: TryIt };

const names = Object.keys(features) as FeatureName[];

/** The four features, with what each answer costs. */
function TryIt() {
  const [query] = useQuery();
  const name = names.find((each) => each === query['feature']) ?? 'analyze';
  return (
    <>
      <nav class="tabs" aria-label="Features">
        {names.map((each) => {
          const place = { view: 'try-it', query: { feature: each } };
          return (
            <a
              key={each}
              href={hrefOf(place)}
              aria-current={each === name ? 'page' : undefined}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                goTo(place);
              }}
            >
              {features[each].title}
            </a>
          );
        })}
      </nav>
      <FeatureForm key={name} name={name} />
    </>
  );
}
