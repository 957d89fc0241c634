import { checkPrices, type PriceDifference } from '../../shared/diagnosis/price-check.ts';
import { useOwnPrices } from '../../shared/pricing/own-prices.ts';
import { runCommand } from './command.ts';
import { openPayi } from './settings/payi-settings.ts';

/** `npm run prices -- --check`: do our prices equal those of Pay-i's categories? Needs only the settings of Pay-i. */
const command = { usage: 'npm run prices -- --check', options: { check: { type: 'boolean' } } } as const;

await runCommand(command, async (args, output) => {
  if (args.values['check'] !== true) throw new Error('Say what to do: npm run prices -- --check');
  const { settings, payi } = openPayi();
  useOwnPrices(settings.MODEL_PRICES);
  const { compared, rows, missingAtPayi } = await checkPrices(payi, Date.now());
  output.say(`${compared} prices compared with ${settings.PAYI_BASE_URL}, ${rows.length} differ (USD for a million).`);
  for (const row of rows) output.say(lineOf(row));
  if (missingAtPayi.length > 0) output.say(`Pay-i has no prices of: ${missingAtPayi.join(', ')}`);
  return { ok: rows.length === 0, compared, rows, missingAtPayi };
});

function lineOf({ model, unit, ours, payi }: PriceDifference): string {
  const shown = (usd: number | null): string => (usd === null ? 'unknown' : String(Number((usd * 1e6).toFixed(6))));
  return `${model.padEnd(30)} ${unit.padEnd(26)} here ${shown(ours).padEnd(10)} Pay-i ${shown(payi)}`;
}
