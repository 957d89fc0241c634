import { fileURLToPath } from 'node:url';
import { runCommand } from '../command.ts';
import { askAtTerminal } from './ask.ts';
import { openAz } from './az.ts';
import { confirm, type DeployOptions, deploy, type Live, type Tools } from './deploy.ts';
import { deleteGroup } from './group.ts';
import { checkTools, signedIn } from './prerequisites.ts';
import { StepFailed, Steps } from './steps.ts';

const command = {
  usage: `npm run deploy -- --env E [--location L] [--group G] [--yes] [--package FILE [--sha256 HASH]]
npm run deploy -- --env E --destroy [--group G] [--yes]`,
  options: {
    env: { type: 'string' },
    location: { type: 'string' },
    group: { type: 'string' },
    package: { type: 'string' },
    sha256: { type: 'string' },
    yes: { type: 'boolean' },
    destroy: { type: 'boolean' },
  },
} as const;

/** `npm run deploy`: an environment in Azure, end to end, by the Azure CLI. Safe to repeat: it goes on where it stopped. */
await runCommand(command, async ({ values }, output, signal) => {
  const text = (name: string) => (values[name] === undefined ? undefined : String(values[name]));
  const environment = text('env');
  if (environment === undefined) throw new Error(command.usage);
  const options: DeployOptions = {
    project: fileURLToPath(new URL('../../../', import.meta.url)).replace(/[\\/]$/, ''),
    environment,
    group: text('group') ?? `trailmeter-${environment}`,
    location: text('location')?.toLowerCase().replaceAll(' ', ''),
    packageFile: text('package'),
    sha256: text('sha256'),
    yes: values['yes'] === true,
  };
  const steps = new Steps(output, signal);
  const tools: Tools = { az: openAz(signal), ask: askAtTerminal(signal), steps, output, signal };
  try {
    if (values['destroy'] === true) {
      await destroy(options, tools);
      return { ok: true, steps: steps.results };
    }
    const live = await deploy(options, tools);
    output.say(nextSteps(live).join('\n'));
    return { ok: true, steps: steps.results, ...live };
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    output.say('When that is mended, run the same command again: it goes on where it stopped.');
    return { ok: false, steps: steps.results };
  }
});

async function destroy({ environment, group, yes }: DeployOptions, { az, ask, steps, output }: Tools): Promise<void> {
  await steps.run('tools', () => checkTools(az));
  const { subscriptionId } = await steps.run('sign-in', () => signedIn(az));
  await steps.run('group', () =>
    deleteGroup(az, subscriptionId, group, { app: 'trailmeter', environment }, async (resources) => {
      for (const resource of resources) output.say(`       - ${resource}`);
      if (!yes) await confirm(ask, `Delete ${group} with all of this? Type its name:`, group);
    }),
  );
  output.say(
    'Azure keeps the vault with its secrets for 90 days. The next deployment brings it back; az keyvault list-deleted shows it.',
  );
}

function nextSteps({ url, vaultName }: Live): string[] {
  return [
    '',
    `The app         ${url}`,
    `Its API         ${url}/api/docs`,
    `Access keys     az keyvault secret show --vault-name ${vaultName} --name access-keys --query value --output tsv`,
    `Keys of callers npm run keys -- create NAME --url ${url} --key ADMIN-KEY`,
    'CORS, limits and other settings are parameters: corsOrigins and extraSettings in the .bicepparam file. See docs/deploy.md.',
  ];
}
