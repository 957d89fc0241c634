import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsSchema } from '../../../shared/config/settings.ts';
import type { Ask } from './ask.ts';
import { type Az, AzError } from './az.ts';
import type { Account } from './prerequisites.ts';
import { until } from './until.ts';

/** Azure needs up to ten minutes until a role that was assigned counts. */
export const ROLES_MS = 12 * 60_000;
const OFFICER = 'Key Vault Secrets Officer';

/** Secrets that are ours alone are made here: random, and never shown. */
const made: Record<string, () => string> = {
  ACCESS_KEYS: () => JSON.stringify({ operator: { key: randomBytes(32).toString('base64url'), role: 'admin' } }),
  USER_ID_KEY: () => randomBytes(32).toString('base64'),
  JUDGE_SEAL_KEY: () => randomBytes(32).toString('base64'),
};

/** `PAYI_API_KEY` is `payi-api-key` in the vault. */
const secretName = (setting: string): string => setting.toLowerCase().replaceAll('_', '-');

export interface SecretSource {
  environment: NodeJS.ProcessEnv;
  ask: Ask;
  signal: AbortSignal;
}

/**
 * Sets each secret that the vault lacks: from the environment, else made when it is ours, else asked for. What is there stays.
 * The person who deploys gets the role to do so when it is missing.
 */
export async function setSecrets(
  az: Az,
  vaultName: string,
  settings: string[],
  account: Account,
  source: SecretSource,
): Promise<string> {
  const names = await readNames(az, vaultName, account, source.signal);
  const set: string[] = [];
  for (const setting of settings.filter((each) => !names.has(secretName(each)))) {
    const value = await findValue(setting, source);
    await writeSecret(az, account, vaultName, secretName(setting), value);
    set.push(setting);
  }
  return set.length === 0 ? `all ${settings.length} are in ${vaultName}` : `set ${set.join(', ')} in ${vaultName}`;
}

/** An access key whose role is admin, from the vault. @throws Error when there is none */
export async function readAdminKey(az: Az, vaultName: string, account: Account): Promise<string> {
  const text = await az<string>('keyvault secret show', {
    'vault-name': vaultName,
    name: secretName('ACCESS_KEYS'),
    query: 'value',
    subscription: account.subscriptionId,
  });
  const admin = Object.values(settingsSchema.shape.ACCESS_KEYS.parse(text)).find(({ role }) => role === 'admin');
  if (!admin)
    throw new Error(`ACCESS_KEYS in ${vaultName} has no key with the role admin. Add one, and run this again.`);
  return admin.key;
}

async function readNames(az: Az, vaultName: string, account: Account, signal: AbortSignal): Promise<Set<string>> {
  const read = async () =>
    new Set(
      await az<string[]>('keyvault secret list', {
        'vault-name': vaultName,
        query: '[].name',
        subscription: account.subscriptionId,
      }),
    );
  const readIfAllowed = () =>
    read().catch((error: unknown) => {
      if (!(error instanceof AzError)) throw error;
      if (/ForbiddenByConnection|public network access is disabled|private (endpoint|link)/i.test(error.message))
        throw new Error(`${vaultName} is reached from its private network only. Run this command from inside it.`, {
          cause: error,
        });
      if (!/Forbidden/i.test(error.message)) throw error;
      return undefined;
    });
  const names = await readIfAllowed();
  if (names) return names;
  const scope = await az<string>('keyvault show', {
    name: vaultName,
    query: 'id',
    subscription: account.subscriptionId,
  });
  await az('role assignment create', {
    role: OFFICER,
    'assignee-object-id': account.objectId,
    'assignee-principal-type': account.principalType,
    scope,
  });
  const late = () =>
    new Error(`You got the role ${OFFICER} of ${vaultName}, which does not count yet. Run this again.`);
  return until(readIfAllowed, { forMs: ROLES_MS, signal, late });
}

async function findValue(setting: string, { environment, ask }: SecretSource): Promise<string> {
  const given = environment[setting];
  if (given) return checked(setting, given, 'the environment');
  const make = made[setting];
  if (make) return make();
  const typed = await ask(`${setting} (not shown):`, { hidden: true }).catch((error: unknown) => {
    throw new Error(`${setting} is missing. Set it in the environment, or run this in a terminal.`, { cause: error });
  });
  return checked(setting, typed, 'what was typed');
}

/** The app would not start with a value that its settings refuse. The value is not repeated. */
function checked(setting: string, value: string, from: string): string {
  // Settings of the platform and of libraries have no schema.
  const schema = Object.hasOwn(settingsSchema.shape, setting)
    ? settingsSchema.shape[setting as keyof typeof settingsSchema.shape]
    : undefined;
  const error = schema?.safeParse(value).error;
  if (value === '' || error)
    throw new Error(`${setting} in ${from}: ${error?.issues.map(({ message }) => message).join(', ') ?? 'is empty'}`);
  return value;
}

/** By a file that only this user reads: other users see the arguments of a process. */
async function writeSecret(az: Az, account: Account, vaultName: string, name: string, value: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'secret-'));
  try {
    const file = join(folder, 'value');
    await writeFile(file, value, { mode: 0o600 });
    await az('keyvault secret set', {
      'vault-name': vaultName,
      name,
      file,
      encoding: 'utf-8',
      query: 'name',
      subscription: account.subscriptionId,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
