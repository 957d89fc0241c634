import type { Audit } from '../../shared/audit/audit.ts';
import { adminOptions, callAdmin } from './admin-api.ts';
import { runCommand, wholeNumber } from './command.ts';

/** `npm run audit`: is every event of the last `--days` (7) in exactly one state (D2)? */
const command = {
  usage: 'npm run audit -- [--days N] [--url URL] [--key KEY]',
  options: { ...adminOptions, days: { type: 'string' } },
} as const;

await runCommand(command, async (args, output) => {
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
