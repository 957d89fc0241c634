import type { Az } from './az.ts';
import { ROLES_MS } from './secrets.ts';
import { until } from './until.ts';

interface Reference {
  name: string;
  properties: { status?: string; details?: string };
}

/**
 * Waits until the app reads each secret from the vault: until its role counts. A reference that was looked up in vain is kept for a
 * day, so that it is looked up again here.
 */
export async function waitForReferences(
  az: Az,
  subscriptionId: string,
  group: string,
  appName: string,
  signal: AbortSignal,
): Promise<string> {
  const app = `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.Web/sites/${appName}`;
  const path = `${app}/config/configreferences/appsettings`;
  let unread: Reference[] = [];
  const look = async (): Promise<string | undefined> => {
    const { value } = await az<{ value: Reference[] }>('rest', {
      method: 'get',
      url: `${path}?api-version=2024-11-01`,
    });
    unread = value.filter(({ properties }) => properties.status !== 'Resolved');
    if (unread.length === 0) return `the app reads ${value.length} secrets`;
    await az('rest', { method: 'post', url: `${path}/refresh?api-version=2022-03-01` });
    return undefined;
  };
  const late = () =>
    new Error(`The app can't read ${unread.map(describe).join(', ')}. Does its identity have its roles?`);
  return until(look, { forMs: ROLES_MS, signal, late });
}

const describe = ({ name, properties: { status, details } }: Reference): string =>
  `${name} (${[status, details].filter(Boolean).join(': ')})`;
