import { join } from 'node:path';
import type { Output } from '../command.ts';
import { buildPackage, readPackage } from '../package/package.ts';
import type { Ask } from './ask.ts';
import type { Az } from './az.ts';
import { ensureGroup } from './group.ts';
import { setUpAtPayi, smoke, waitUntilReady } from './live.ts';
import { type Account, checkPermissions, checkTools, registerProviders, signedIn } from './prerequisites.ts';
import { preview } from './preview.ts';
import { recoverModels, recoverVault } from './recover.ts';
import { waitForReferences } from './references.ts';
import { checkQuota, checkRegion } from './region.ts';
import { deployResources, uploadPackage } from './resources.ts';
import { readAdminKey, setSecrets } from './secrets.ts';
import type { Steps } from './steps.ts';
import { parameterFile, readTemplate } from './template-facts.ts';

export interface DeployOptions {
  project: string;
  environment: string;
  group: string;
  /** Where a new resource group is created. */
  location: string | undefined;
  /** A package that was built before, and its hash; else one is built. */
  packageFile: string | undefined;
  sha256: string | undefined;
  /** Does not ask whether to go on. */
  yes: boolean;
}

/** What the steps work with. */
export interface Tools {
  az: Az;
  ask: Ask;
  steps: Steps;
  output: Output;
  signal: AbortSignal;
}

/** Where the app is, and where its keys are. */
export interface Live {
  url: string;
  appName: string;
  vaultName: string;
}

/** Deploys an environment, from the checks to the first call. Each step first looks at what is there, so that all may be repeated. */
export async function deploy(options: DeployOptions, { az, ask, steps, output, signal }: Tools): Promise<Live> {
  const { project, environment, group } = options;
  await steps.run('tools', () => checkTools(az));
  const account = await steps.run('sign-in', () => signedIn(az));
  const { subscriptionId } = account;
  const where = { 'resource-group': group, subscription: subscriptionId };

  const facts = await steps.run('template', async () => {
    const file = parameterFile(project, environment);
    return { ...(await readTemplate(az, file)), file, found: file };
  });
  // Built before anything is changed: what does not build is not deployed.
  const built = await steps.run('package', () =>
    options.packageFile === undefined
      ? buildPackage(join(project, 'dist', 'app.zip'))
      : readPackage(options.packageFile, options.sha256),
  );
  const marks = { app: facts.appName, environment };
  const { location } = await steps.run('group', () => ensureGroup(az, subscriptionId, group, marks, options.location));
  await steps.run('permissions', () => checkPermissions(az, subscriptionId, group));
  await steps.run('providers', () => registerProviders(az, subscriptionId, facts.providers));
  await steps.run('region', () => checkRegion(az, location, facts));
  await steps.run('quota', () => checkQuota(az, subscriptionId, location, facts));
  await steps.run('vault', () => recoverVault(az, subscriptionId, group, facts.appName));
  if (facts.providers.includes('Microsoft.CognitiveServices'))
    await steps.run('models', () => recoverModels(az, subscriptionId, group, facts.appName));
  await steps.run('preview', async () => {
    const { lines, found } = await preview(az, where, facts.file);
    for (const line of lines) output.say(`       ${line}`);
    if (!options.yes) await confirm(ask, `Deploy this to ${group}? (yes)`, 'yes');
    return found;
  });
  const live = await steps.run('resources', () => deployResources(az, where, facts.appName, facts.file));
  const app: App = { ...live, group, account, secretSettings: facts.secretSettings };
  await setUpSecrets(app, { az, ask, steps, signal });
  await steps.run('upload', () => uploadPackage(az, where, live.appName, built));
  await callFirst(app, { az, steps, signal });
  return live;
}

/** An app whose resources are there. */
export interface App extends Live {
  group: string;
  account: Account;
  /** App settings whose values are in the vault. */
  secretSettings: string[];
}

/** Sets what the vault lacks, and waits until the app reads it: an app that has its code needs its secrets. */
export async function setUpSecrets(app: App, { az, ask, steps, signal }: Omit<Tools, 'output'>): Promise<void> {
  const { account, group, vaultName, appName, secretSettings } = app;
  const source = { environment: process.env, ask, signal };
  await steps.run('secrets', () => setSecrets(az, vaultName, secretSettings, account, source));
  await steps.run('references', () => waitForReferences(az, account.subscriptionId, group, appName, signal));
}

/** Waits until the app answers, sets Pay-i up, and makes the first call. */
export async function callFirst(app: App, { az, steps, signal }: Omit<Tools, 'output' | 'ask'>): Promise<void> {
  const { account, url, vaultName } = app;
  await steps.run('ready', () => waitUntilReady(url, signal));
  const key = async () => readAdminKey(az, vaultName, account);
  await steps.run('payi-setup', async () => setUpAtPayi(url, await key()));
  await steps.run('smoke', async () => smoke(url, await key(), signal));
}

/** @throws Error unless the person types the word */
export async function confirm(ask: Ask, question: string, word: string): Promise<void> {
  const typed = await ask(question).catch((error: unknown) => {
    throw new Error('There is no terminal to confirm this: pass --yes.', { cause: error });
  });
  if (typed !== word) throw new Error('You did not confirm. Nothing was changed by this step.');
}
