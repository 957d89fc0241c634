import { request } from '../../data/client.ts';
import { useData } from '../../data/use-data.ts';
import { Checks } from '../../parts/checks.tsx';
import { Panel } from '../../parts/panel.tsx';
import type { Check } from './load.ts';

const REFRESH_MS = 60_000;
/** Checks that say something about the way of an event. */
const shown: readonly Check['name'][] = ['queues', 'payi', 'attribution', 'receiving', 'prices', 'dead-letters'];

/** Whether the parts on the way work, in words. It asks Pay-i and the queue, so it is loaded once a minute. */
export function HealthPanel() {
  const loaded = useData('diagnosis', (signal) => request('GET /api/admin/diagnosis', { signal }), REFRESH_MS);
  return (
    <Panel title="State" loaded={loaded}>
      {({ checks }) => <Checks checks={checks.filter(({ name }) => shown.includes(name))} />}
    </Panel>
  );
}
