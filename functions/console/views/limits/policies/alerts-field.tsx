import { request } from '../../../data/client.ts';
import type { AnswerOf } from '../../../data/routes.ts';
import { useData } from '../../../data/use-data.ts';
import { visibleName } from '../../../format/names.ts';
import { Field } from '../../../parts/forms/field.tsx';
import type { Policy } from '../load.ts';
import { alertsText } from './policy-form.ts';

type Setting = AnswerOf<'GET /api/admin/settings'>['settings'][number];

/** At which shares of the maximum alerts go out, and to whom. */
export function AlertsField({ policy }: { policy: Pick<Policy, 'alerts'> }) {
  const { data } = useData('alert targets', (signal) => request('GET /api/admin/settings', { signal }));
  return (
    <Field
      label="Alerts at %"
      name="alerts"
      value={alertsText(policy)}
      pattern="\s*\d{1,2}(\s*,\s*\d{1,2}){0,4}\s*"
      hint={`Up to five shares, such as 50, 80, 95. Empty: none. ${data ? targetsText(data.settings) : '…'}`}
    />
  );
}

/** Who gets alerts, by the settings. Addresses of webhooks are secrets. */
export function targetsText(settings: readonly Setting[]): string {
  const find = (name: string) => settings.find((setting) => setting.name === name);
  const isSet = (name: string) => ['set', 'secret'].includes(find(name)?.state ?? 'absent');
  const targets = [
    ...(isSet('LIMIT_WEBHOOK_URL') ? ['the targets of LIMIT_WEBHOOK_URL'] : []),
    ...(isSet('LIMIT_EMAIL_CONNECTION') ? [visibleName(listText(find('LIMIT_EMAIL_TO')?.value ?? '[]'))] : []),
  ];
  if (targets.length === 0) return 'Nobody gets them: LIMIT_WEBHOOK_URL and LIMIT_EMAIL_CONNECTION are not set.';
  return `They go to ${targets.join(' and ')}.`;
}

/** A setting that is a list is shown as JSON. */
const listText = (json: string): string => (JSON.parse(json) as string[]).join(', ');
