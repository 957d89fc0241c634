import { openSettings } from '../config/open-settings.ts';
import type { Settings } from '../config/settings.ts';
import { decodeKey, KEY_PARTITION, type KeyRow } from '../identity/keys/key-book.ts';
import { type KeyRecord, stateOfKey } from '../identity/keys/key-record.ts';
import type { Table } from '../tables/table.ts';
import { type Fault, type Finding, findingOf } from './check.ts';

/** The keys that admins made: who has a valid one, and records that can't be read. */
export interface KeptKeys {
  roles: readonly KeyRecord['role'][];
  unreadable: readonly string[];
}

/** @throws TableError */
export async function readKeptKeys(table: Pick<Table<KeyRow>, 'query'>, nowMs: number): Promise<KeptKeys> {
  const roles: KeyRecord['role'][] = [];
  const unreadable: string[] = [];
  const ignore = () => undefined;
  const noted = { info: ignore, warn: ignore, error: ignore, count: ignore, measure: ignore };
  for await (const row of table.query({ partitionKey: KEY_PARTITION })) {
    const record = decodeKey(row, noted);
    if (!record) unreadable.push(row.rowKey);
    else if (stateOfKey(record, nowMs) === 'active') roles.push(record.role);
  }
  return { roles, unreadable };
}

/** Can anybody call, can an admin, and what is open? */
export function checkAccess(settings: Settings, kept: KeptKeys): Finding {
  const listed = Object.values(settings.ACCESS_KEYS).map(({ role }) => role);
  const roles = [...listed, ...kept.roles];
  const signsIn = settings.JWT_ISSUERS.length > 0 || settings.WEBSITE_AUTH_ENABLED || hasSession(settings);
  const isDevelopment = settings.DEV_IDENTITY !== undefined && listed.length === 0;
  const faults: Fault[] = [];
  if (roles.length === 0 && !signsIn && !isDevelopment)
    faults.push({
      found: 'Nobody can call the features: there is no access key, issuer or session secret.',
      mend: 'Set ACCESS_KEYS, JWT_ISSUERS or AUTH_SECRET; on your own machine DEV_IDENTITY.',
    });
  else if (!signsIn && !isDevelopment && !roles.includes('admin'))
    faults.push({
      found: 'Nobody can use the admin routes: no access key has the role admin.',
      mend: 'Add a key with "role":"admin" to ACCESS_KEYS.',
    });
  for (const name of kept.unreadable)
    faults.push({
      found: `The record of the access key ${name} can't be read, so the key opens nothing.`,
      mend: `Run a release that knows its form, or delete the row ${name} of the table accesskeys and make a new key.`,
    });
  const open = openSettings(settings).map(({ setting, opens }) => ` ${setting} opens ${opens}.`);
  const finding = findingOf(faults, 'Callers and admins are let in.');
  return { ...finding, found: `${finding.found}${open.join('')}` };
}

const hasSession = (settings: Settings): boolean =>
  [settings.AUTH_SECRET, settings.NEXTAUTH_SECRET].some((secret) => secret !== undefined);
