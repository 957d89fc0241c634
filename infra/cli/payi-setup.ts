import type { SetupItem } from '../../shared/setup/item.ts';
import { setUpPayi } from '../../shared/setup/set-up.ts';
import { runCommand } from './command.ts';
import { openPayi } from './settings/payi-settings.ts';

/** `npm run payi-setup`: makes Pay-i's use cases, KPIs and current limits equal to ours. Needs only the settings of Pay-i and LIMITS. */
const command = { usage: 'npm run payi-setup -- [--dry-run]', options: { 'dry-run': { type: 'boolean' } } } as const;

await runCommand(command, async (args, output) => {
  const { settings, payi } = openPayi();
  const dryRun = args.values['dry-run'] === true;
  output.say(`${dryRun ? 'What would be done' : 'Setting up'} at ${settings.PAYI_BASE_URL}:`);
  const items = await setUpPayi(payi, {
    dryRun,
    limits: { policies: settings.LIMITS, nowMs: Date.now() },
    onItem: (item) => output.say(lineOf(item)),
  });
  return { ok: items.every((item) => item.result !== 'failed'), items };
});

function lineOf({ kind, name, result, changes = [], reason }: SetupItem): string {
  const differences = changes.map(({ member, from, to }) => `\n           ${member}: ${from ?? 'nothing'} → ${to}`);
  return `${result.padEnd(8)} ${kind.padEnd(9)} ${name}${reason ? ` (${reason})` : ''}${differences.join('')}`;
}
