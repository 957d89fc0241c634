import { decodeSettings } from '../../shared/config/decode.ts';
import { openRebuild } from '../../shared/rebuild/rebuild.ts';
import { jsonTelemetry } from '../../shared/telemetry/telemetry.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { runCommand } from './command.ts';
import { localEnvironment } from './settings/environment.ts';

/** What was made again, and its size before and after: USD of a limit, events of the register, hours and days of rollups. */
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
  const { limits, left, unpriced, isExact } = await rebuild.limits();
  for (const { limitId, beforeUsd, afterUsd } of limits)
    rows.push({ what: limitId, before: beforeUsd, after: afterUsd });
  output.progress('Register, index and rollups …');
  rows.push({ what: 'register', ...(await rebuild.register()) });
  rows.push({ what: 'instances', before: null, after: await rebuild.instances() });
  rows.push({ what: 'usage', before: null, after: await rebuild.usage() });

  for (const { what, before, after } of rows.slice(-SHOWN - 3))
    output.say(`${what.padEnd(44)} ${before ?? ''} → ${after}`);
  if (limits.length > SHOWN) output.say(`and ${limits.length - SHOWN} limits more: --json has them all`);
  if (left.length > 0) output.say(`Left as an admin set them: ${left.join(', ')}`);
  if (unpriced > 0) output.say(`${unpriced} calls have no price and count as 0.`);
  if (!isExact)
    output.say(
      'Calls went on all the time, so limits may lack what some seconds of them cost. Run this again when fewer come.',
    );
  return { ok: isExact, rows, left, unpriced };
});
