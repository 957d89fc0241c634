import { request } from '../../data/client.ts';
import type { AnswerOf } from '../../data/routes.ts';
import { useData } from '../../data/use-data.ts';
import { visibleText } from '../../format/names.ts';
import { Badge } from '../../parts/badge.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';

type Setting = AnswerOf<'GET /api/admin/settings'>['settings'][number];

/** What the app was started with, without secrets. */
export function SettingsPanel() {
  const loaded = useData('settings', (signal) => request('GET /api/admin/settings', { signal }));
  return (
    <Panel title="Settings" loaded={loaded}>
      {({ settings }) => <Table caption="Settings" columns={columns} rows={settings} keyOf={({ name }) => name} />}
    </Panel>
  );
}

const columns: Column<Setting>[] = [
  { title: 'setting', value: ({ name }) => name, show: ({ name }) => <code>{name}</code> },
  {
    title: 'state',
    value: ({ state }) => state,
    show: ({ state }) => <Badge tone={state === 'set' || state === 'secret' ? 'good' : 'quiet'}>{state}</Badge>,
  },
  {
    title: 'value',
    value: ({ value, state }) => (state === 'secret' ? 'is not shown' : value),
    show: ({ value, state }) =>
      state === 'secret' ? (
        <span class="muted">is not shown</span>
      ) : (
        <span class="wrap">{value === null ? '–' : visibleText(value)}</span>
      ),
  },
];
