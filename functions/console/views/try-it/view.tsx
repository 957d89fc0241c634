import { useQuery } from '../../data/use-place.ts';
import type { View } from '../../data/view.ts';
import { Tabs } from '../../parts/tabs.tsx';
import { FeatureForm } from './feature-form.tsx';
import { type FeatureName, features } from './features.ts';

export const tryIt: View = { name: 'try-it', title: 'Try it', access: 'user', Page: TryIt };

const names = Object.keys(features) as FeatureName[];
const titles = names.map((name) => [name, features[name].title] as const);

/** The four features, with what each answer costs. */
function TryIt() {
  const [query] = useQuery();
  const name = names.find((each) => each === query['feature']) ?? 'analyze';
  return (
    <>
      <Tabs label="Features" view="try-it" param="feature" value={name} options={titles} />
      <FeatureForm key={name} name={name} />
    </>
  );
}
