import { SettingsError, settingsSchema } from '../../shared/config/settings.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import type { SetupItem } from '../../shared/setup/item.ts';
import { setUpPayi } from '../../shared/setup/set-up.ts';
import { runCommand } from './command.ts';

/** `npm run payi-setup`: makes Pay-i's use cases, KPIs and current limits equal to ours. Needs only these settings. */
const payiSettings = settingsSchema.pick({
  PAYI_BASE_URL: true,
  PAYI_API_KEY: true,
  PAYI_TIMEOUT_MS: true,
  LIMITS: true,
});

const command = { usage: 'npm run payi-setup -- [--dry-run]', options: { 'dry-run': { type: 'boolean' } } } as const;

await runCommand(command, async (args, output) => {
  const settings = readSettings();
  if (!settings.PAYI_API_KEY) {
    throw new Error('PAYI_API_KEY is missing: set it to the application key of your Pay-i application.');
  }
  const payi = createPayiClient({
    baseUrl: settings.PAYI_BASE_URL,
    apiKey: settings.PAYI_API_KEY,
    timeoutMs: settings.PAYI_TIMEOUT_MS,
  });
  const dryRun = args.values['dry-run'] === true;
  output.say(`${dryRun ? 'What would be done' : 'Setting up'} at ${settings.PAYI_BASE_URL}:`);
  const items = await setUpPayi(payi, {
    dryRun,
    limits: { policies: settings.LIMITS, nowMs: Date.now() },
    onItem: (item) => output.say(lineOf(item)),
  });
  return { ok: items.every((item) => item.result !== 'failed'), items };
});

/** Empty counts as absent, as everywhere. @throws SettingsError */
function readSettings() {
  const given = Object.entries(process.env).filter(([, value]) => value !== '');
  const read = payiSettings.safeParse(Object.fromEntries(given));
  if (read.success) return read.data;
  throw new SettingsError(read.error.issues.map((issue) => `- ${issue.path.join('.')}: ${issue.message}`));
}

function lineOf({ kind, name, result, changes = [], reason }: SetupItem): string {
  const differences = changes.map(({ member, from, to }) => `\n           ${member}: ${from ?? 'nothing'} → ${to}`);
  return `${result.padEnd(8)} ${kind.padEnd(9)} ${name}${reason ? ` (${reason})` : ''}${differences.join('')}`;
}
