import { isSecretName } from './decode.ts';
import { type Settings, settingsSchema } from './settings.ts';

/** A setting as admins see it. */
export interface ShownSetting {
  name: string;
  /** null where it is secret or not set. */
  value: string | null;
  /** `secret`: it is set, and never shown. */
  state: 'default' | 'set' | 'secret' | 'absent';
}

/** The settings of the process, with secrets and what addresses can hold of them left out. */
export function shownSettings(settings: Settings): ShownSetting[] {
  const usual = settingsSchema.parse({}) as Record<string, unknown>;
  return Object.entries(settingsSchema.shape)
    .map(([name]) => shown(name, settings[name as keyof Settings], usual[name]))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function shown(name: string, value: unknown, usual: unknown): ShownSetting {
  if (value === undefined) return { name, value: null, state: 'absent' };
  const isUsual = JSON.stringify(value) === JSON.stringify(usual);
  // A number is a rate or a time, whatever its name.
  const isSecret = isSecretName(name) && typeof value !== 'number' && typeof value !== 'boolean';
  if (isSecret && !isUsual) return { name, value: null, state: 'secret' };
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { name, value: withoutCredentials(text), state: isUsual ? 'default' : 'set' };
}

/** Name and password in an address, and its query, where tokens stand. */
const withoutCredentials = (text: string): string =>
  text.replace(/(\w:\/\/)[^/\s"@]+@/g, '$1…@').replace(/(\w:\/\/[^\s"?]+)\?[^\s"]*/g, '$1?…');
