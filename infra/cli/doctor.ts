import { decodeSettings } from '../../shared/config/decode.ts';
import { SettingsError } from '../../shared/config/settings.ts';
import type { Check } from '../../shared/diagnosis/check.ts';
import { type Diagnosis, diagnose } from '../../shared/diagnosis/diagnose.ts';
import { openParts } from '../../shared/diagnosis/parts.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { adminOptions, callAdmin } from './admin-api.ts';
import { type CommandArguments, type Output, runCommand } from './command.ts';
import { localEnvironment } from './settings/environment.ts';

/**
 * `npm run doctor`: a running app diagnoses itself, with its own settings and identity. Where none answers and none was named, the
 * settings of the environment and of `local.settings.json` are diagnosed from here; with `--settings` always.
 */
const command = {
  usage: 'npm run doctor -- [--url URL] [--key KEY]\nnpm run doctor -- --settings',
  options: { ...adminOptions, settings: { type: 'boolean' } },
} as const;

type Told = Omit<Check, 'name'> & { name: string };

await runCommand(command, async (args, output) => {
  const checks = args.values['settings'] === true ? await fromOutside() : await askApp(args, output);
  for (const { name, ok, found, mend } of checks) {
    output.say(`${ok ? 'ok   ' : 'WRONG'} ${name.padEnd(13)} ${found}`);
    if (mend) output.say(`${''.padEnd(20)}→ ${mend}`);
  }
  return { ok: checks.every(({ ok }) => ok), checks };
});

/** What the app found; what is found from outside where none answers and none was named. */
async function askApp(args: CommandArguments, output: Output): Promise<Told[]> {
  try {
    return ((await callAdmin(args, 'diagnosis')) as unknown as Diagnosis).checks;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isNamed = args.values['url'] !== undefined || process.env['TRAILMETER_URL'] !== undefined;
    // Only a connection that failed has a cause: an app that refuses is there.
    if (isNamed || error.cause === undefined) return [notAsked(error)];
    output.progress('No app answers here, so its settings are looked at from outside.');
    return fromOutside();
  }
}

function notAsked(error: Error): Told {
  const mend =
    'Look at --url and --key (an access key with the role admin), and at the first lines of the log of the app.';
  return { name: 'app', ok: false, found: error.message, mend };
}

async function fromOutside(): Promise<Told[]> {
  try {
    return (await diagnose(openParts(decodeSettings(localEnvironment()), systemClock))).checks;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return [
      {
        name: 'settings',
        ok: false,
        found: error.message,
        mend: 'Set them in the environment, in local.settings.json or, in Azure, as app settings, and start the app again.',
      },
    ];
  }
}
