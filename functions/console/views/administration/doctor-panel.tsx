import { request } from '../../data/client.ts';
import { useData } from '../../data/use-data.ts';
import { Checks } from '../../parts/checks.tsx';
import { Panel } from '../../parts/panel.tsx';

/** What is wrong, in words, and how to mend it. */
export function DoctorPanel() {
  const loaded = useData('diagnosis', (signal) => request('GET /api/admin/diagnosis', { signal }));
  return (
    <Panel title="Doctor" loaded={loaded}>
      {({ checks }) => <Checks checks={checks} />}
    </Panel>
  );
}
