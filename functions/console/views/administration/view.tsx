import type { FunctionComponent } from 'preact';
import { useQuery } from '../../data/use-place.ts';
import type { View } from '../../data/view.ts';
import { Tabs } from '../../parts/tabs.tsx';
import { DoctorPanel } from './doctor-panel.tsx';
import { KeysPanel } from './keys/keys-panel.tsx';
import { LogPanel } from './log-panel.tsx';
import { SettingsPanel } from './settings-panel.tsx';
import { SetupPanel } from './setup-panel.tsx';

export const administration: View = {
  name: 'administration',
  title: 'Administration',
  access: 'admin',
  Page: Administration,
};

const parts: readonly (readonly [name: string, title: string, Part: FunctionComponent])[] = [
  ['keys', 'Access keys', KeysPanel],
  ['set-up', 'Set-up at Pay-i', SetupPanel],
  ['doctor', 'Doctor', DoctorPanel],
  ['audit-log', 'Audit log', LogPanel],
  ['settings', 'Settings', SettingsPanel],
];

/** What admins look after. One part is loaded at a time. */
function Administration() {
  const [query] = useQuery();
  const name = parts.some(([each]) => each === query['part']) ? query['part'] : 'keys';
  const Part = parts.find(([each]) => each === name)?.[2] ?? KeysPanel;
  return (
    <>
      <Tabs
        label="Parts"
        view="administration"
        param="part"
        value={name ?? 'keys'}
        options={parts.map(([each, title]) => [each, title] as const)}
      />
      <Part />
    </>
  );
}
