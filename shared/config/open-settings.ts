import type { Settings } from './settings.ts';

/** A setting that opens something which is closed by default. */
export interface OpenSetting {
  setting: string;
  /** What it opens. */
  opens: string;
}

type Opening = Pick<Settings, 'ACCESS_KEYS' | 'DEV_IDENTITY' | 'GATEWAY_ANONYMOUS' | 'LIMITS_ENABLED'>;

/** The settings that open something, for a warning at each start and in readiness. */
export function openSettings(settings: Opening): OpenSetting[] {
  const found: OpenSetting[] = [];
  const hasKeys = Object.keys(settings.ACCESS_KEYS).length > 0;
  if (settings.DEV_IDENTITY !== undefined)
    found.push({
      setting: 'DEV_IDENTITY',
      opens: hasKeys
        ? 'nothing, since ACCESS_KEYS is set; remove it'
        : 'every route to callers on this machine, without a credential',
    });
  if (settings.GATEWAY_ANONYMOUS)
    found.push({ setting: 'GATEWAY_ANONYMOUS', opens: 'the paths of the payi-proxy to callers without a credential' });
  if (!settings.LIMITS_ENABLED) found.push({ setting: 'LIMITS_ENABLED', opens: 'spending without any limit' });
  return found;
}
