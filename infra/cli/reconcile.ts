import type { Reconciliation } from '../../shared/reconcile/reconcile-day.ts';
import { DAY_MS, dayOf } from '../../shared/util/days.ts';
import { adminOptions, callAdmin } from './admin-api.ts';
import { type CommandArguments, type Output, runCommand, wholeNumber } from './command.ts';

/** `npm run reconcile`: do the ledger, Pay-i and the provider say the same of a day (UTC; by default yesterday)? */
const command = {
  usage: 'npm run reconcile -- [--day YYYY-MM-DD|today|yesterday] [--look-ups N] [--url URL] [--key KEY]',
  options: { ...adminOptions, day: { type: 'string' }, 'look-ups': { type: 'string' } },
} as const;

const LOOK_UPS = 1_000;
const MOST_LOOK_UPS = 10_000;

await runCommand(command, async (args, output) => {
  const lookUps = wholeNumber(args, 'look-ups', LOOK_UPS, 0, MOST_LOOK_UPS);
  output.progress('Reading the ledger, Pay-i and the report of the provider …');
  const path = `reconciliation?day=${dayAsked(args)}&lookUps=${lookUps}`;
  const found = (await callAdmin(args, path)) as unknown as Reconciliation;
  show(found, output);
  const { ok, day, complete, rows, differences, notes, events, unknownAtPayi, payiSum } = found;
  return { ok, day, complete, rows, differences, notes, events, unknownAtPayi, payiSum };
});

function dayAsked(args: CommandArguments): string {
  const day = String(args.values['day'] ?? 'yesterday');
  if (day === 'today') return dayOf(Date.now());
  if (day === 'yesterday') return dayOf(Date.now() - DAY_MS);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day))
    throw new Error(`--day must be a day such as 2026-11-23, today or yesterday, but is "${day}".`);
  return day;
}

function show({ day, events, rows, payiSum, differences, notes }: Reconciliation, output: Output): void {
  output.say(`${day} (UTC): ${events} calls in the ledger.`);
  if (rows.length > 0) output.say(line('model', 'unit', 'ledger', 'Pay-i', 'provider', 'difference'));
  for (const { model, modifiers, unit, ledger, payi, provider, difference } of rows)
    output.say(
      line(
        modifiers ? `${model} (${modifiers})` : model,
        unit,
        figure(ledger),
        figure(payi),
        figure(provider),
        difference === 0 ? '' : figure(difference),
      ),
    );
  if (payiSum)
    output.say(
      `Pay-i's sum of the day (${payiSum.limitId}): ${figure(payiSum.payi)} USD, of the same events here ${figure(payiSum.ledger)}.`,
    );
  for (const { model, unit, against, difference, reasons } of differences) {
    const book = against === 'payi' ? 'Pay-i' : 'the provider';
    output.say(`${model}, ${unit}: ${book} has ${figure(Math.abs(difference))} ${difference < 0 ? 'less' : 'more'}.`);
    for (const { reason, text, events: count, eventIds, amount } of reasons) {
      output.say(
        `  ${reason}${amount === null ? '' : ` ${figure(amount)}`}${count > 0 ? `, ${count} event(s)` : ''}: ${text}`,
      );
      if (eventIds.length > 0) output.say(`    ${eventIds.slice(0, 5).join(' ')}${count > 5 ? ' …' : ''}`);
    }
  }
  for (const note of notes) output.say(`Note: ${note}`);
}

function line(model: string, unit: string, ...figures: string[]): string {
  return `${model.padEnd(34)} ${unit.padEnd(14)} ${figures.map((text) => text.padStart(15)).join(' ')}`.trimEnd();
}

function figure(value: number | null): string {
  return value === null ? '–' : String(Number(value.toFixed(9)));
}
