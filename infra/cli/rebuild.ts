import { decodeSettings } from '../../shared/config/decode.ts';
import { openRebuild } from '../../shared/rebuild/rebuild.ts';
import { jsonTelemetry } from '../../shared/telemetry/telemetry.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { runCommand } from './command.ts';
import { localEnvironment } from './settings/environment.ts';

/** What was made again, and its size before and after: USD or pieces of a limit, events of the register, hours and days of rollups. */
interface Row {
  what: string;
  before: number | null;
  after: number;
}

const SHOWN = 20;

/** `npm run rebuild`: reads and writes the tables by the settings of the environment and of `local.settings.json`. */
await runCommand({ usage: 'npm run rebuild' }, async (_args, output) => {
  const rebuild = openRebuild(
    decodeSettings(localEnvironment()),
    systemClock,
    jsonTelemetry((line) => output.progress(line)),
  );
  const rows: Row[] = [];
  output.progress('Limits: comparing with the ledger, some seconds apart …');
  const { limits, left, unknown, unpriced, isExact, openCalls } = await rebuild.limits();
  for (const { limitId, before, after } of limits) rows.push({ what: limitId, before, after });
  output.progress('Register, index and rollups …');
  rows.push({ what: 'register', ...(await rebuild.register()) });
  rows.push({ what: 'instances', before: null, after: await rebuild.instances() });
  rows.push({ what: 'usage', before: null, after: await rebuild.usage() });

  for (const { what, before, after } of rows.slice(-SHOWN - 3))
    output.say(`${what.padEnd(44)} ${before ?? ''} → ${after}`);
  if (limits.length > SHOWN) output.say(`and ${limits.length - SHOWN} limits more: --json has them all`);
  if (left.length > 0) output.say(`Left as an admin set them: ${left.join(', ')}`);
  if (unknown.length > 0)
    output.say(`Not made again, since the ledger does not have what they count or go by: ${unknown.join(', ')}`);
  if (unpriced > 0) output.say(`${unpriced} calls have no price and count as 0.`);
  if (openCalls > 0)
    output.say(
      `Processes ended with ${openCalls} calls in flight, which the app counts within three minutes. Run this again then, while the app runs.`,
    );
  else if (!isExact)
    output.say(
      'Calls went on all the time, so limits may lack what some seconds of them cost. Run this again when fewer come.',
    );
  return { ok: isExact, rows, left, unknown, unpriced, openCalls };
});
