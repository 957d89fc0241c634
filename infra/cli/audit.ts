import type { Audit } from '../../shared/audit/audit.ts';
import type { Waiting } from '../../shared/audit/waiting.ts';
import { adminOptions, callAdmin } from './admin-api.ts';
import { type CommandArguments, type CommandResult, type Output, runCommand, wholeNumber } from './command.ts';

/** `npm run audit`: is every event of the last `--days` (7) in exactly one state (D2)? With `--waiting`: what waits, since when and why. */
const command = {
  usage: 'npm run audit -- [--days N | --waiting] [--url URL] [--key KEY]',
  options: { ...adminOptions, days: { type: 'string' }, waiting: { type: 'boolean' } },
} as const;

await runCommand(command, async (args, output) => {
  if (args.values['waiting'] === true) return showWaiting(args, output);
  const found = (await callAdmin(args, `audit?days=${wholeNumber(args, 'days', 7)}`)) as unknown as Audit;
  for (const [state, events] of Object.entries(found.states)) output.say(`${state.padEnd(14)} ${events}`);
  output.say(`${'missing'.padEnd(14)} ${found.missing.length}`);
  output.say(`${'doubled'.padEnd(14)} ${found.doubled.length}`);
  for (const eventId of found.missing.slice(0, 20)) output.say(`missing: ${eventId}`);
  for (const { eventId, states } of found.doubled.slice(0, 20))
    output.say(`doubled: ${eventId} (${states.join(', ')})`);
  const { ok, states, missing, doubled } = found;
  return { ok, states, missing, doubled };
});

/** Waiting is not a fault: the command ends with 0. */
async function showWaiting(args: CommandArguments, output: Output): Promise<CommandResult> {
  const found = (await callAdmin(args, 'waiting')) as unknown as Waiting;
  for (const { place, kind, useCaseName, why, events, since } of found.groups)
    output.say(
      `${place.padEnd(12)} ${String(events).padStart(6)} ${kind.padEnd(7)} ${useCaseName ?? '-'}  since ${since}  ${why ?? ''}`.trimEnd(),
    );
  if (found.groups.length === 0) output.say('Nothing waits.');
  if (!found.complete) output.say('There are more.');
  return { ok: true, ...found };
}
