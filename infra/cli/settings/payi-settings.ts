import { SettingsError, settingsSchema } from '../../../shared/config/settings.ts';
import { createPayiClient, type PayiClient } from '../../../shared/payi/client.ts';

/** The settings of the commands that only need Pay-i. */
const schema = settingsSchema.pick({
  PAYI_BASE_URL: true,
  PAYI_API_KEY: true,
  PAYI_API_DIALECT: true,
  PAYI_TIMEOUT_MS: true,
  LIMITS: true,
  MODEL_PRICES: true,
});

/** Reads them from the environment; empty counts as absent, as everywhere. @throws SettingsError, Error without a key */
export function openPayi() {
  const given = Object.entries(process.env).filter(([, value]) => value !== '');
  const { data: settings, error } = schema.safeParse(Object.fromEntries(given));
  if (!settings) throw new SettingsError(error.issues.map((issue) => `- ${issue.path.join('.')}: ${issue.message}`));
  if (!settings.PAYI_API_KEY) {
    throw new Error('PAYI_API_KEY is missing: set it to the application key of your Pay-i application.');
  }
  const payi: PayiClient = createPayiClient({
    baseUrl: settings.PAYI_BASE_URL,
    apiKey: settings.PAYI_API_KEY,
    dialect: settings.PAYI_API_DIALECT,
    timeoutMs: settings.PAYI_TIMEOUT_MS,
  });
  return { settings, payi };
}
