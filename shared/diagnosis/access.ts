import { openSettings } from '../config/open-settings.ts';
import type { Settings } from '../config/settings.ts';
import { type Fault, type Finding, findingOf } from './check.ts';

/** Can anybody call, can an admin, and what is open? */
export function checkAccess(settings: Settings): Finding {
  const keys = Object.values(settings.ACCESS_KEYS);
  const signsIn = settings.JWT_ISSUERS.length > 0 || settings.WEBSITE_AUTH_ENABLED || hasSession(settings);
  const isDevelopment = settings.DEV_IDENTITY !== undefined && keys.length === 0;
  const faults: Fault[] = [];
  if (keys.length === 0 && !signsIn && !isDevelopment)
    faults.push({
      found: 'Nobody can call the features: no access key, issuer or session secret is set.',
      mend: 'Set ACCESS_KEYS, JWT_ISSUERS or AUTH_SECRET; on your own machine DEV_IDENTITY.',
    });
  else if (!signsIn && !isDevelopment && !keys.some(({ role }) => role === 'admin'))
    faults.push({
      found: 'Nobody can use the admin routes: no access key has the role admin.',
      mend: 'Add a key with "role":"admin" to ACCESS_KEYS.',
    });
  const open = openSettings(settings).map(({ setting, opens }) => ` ${setting} opens ${opens}.`);
  const finding = findingOf(faults, 'Callers and admins are let in.');
  return { ...finding, found: `${finding.found}${open.join('')}` };
}

const hasSession = (settings: Settings): boolean =>
  [settings.AUTH_SECRET, settings.NEXTAUTH_SECRET].some((secret) => secret !== undefined);
