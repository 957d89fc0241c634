import type { Az } from './az.ts';
import { AzError } from './az.ts';

/** The first version of the Azure CLI that deploys packages to Flex Consumption. */
const OLDEST_AZ = '2.60.0';

/** Whom the Azure CLI is signed in as. */
export interface Account {
  subscriptionId: string;
  /** Object id of the user or service principal. */
  objectId: string;
  principalType: 'User' | 'ServicePrincipal';
}

/** Is the Azure CLI new enough? */
export async function checkTools(az: Az): Promise<string> {
  const version = (await az<{ 'azure-cli': string }>('version'))['azure-cli'];
  if (version.localeCompare(OLDEST_AZ, 'en', { numeric: true }) < 0)
    throw new Error(`The Azure CLI is ${version}; ${OLDEST_AZ} or later is needed: az upgrade`);
  return `Azure CLI ${version}`;
}

/** Who is signed in, and where? The object id is read from the token, which any identity may read. */
export async function signedIn(az: Az): Promise<Account & { found: string }> {
  const shown = await az<{ id: string; name: string; user: { name: string; type: string } }>('account show').catch(
    (error: unknown) => {
      if (!(error instanceof AzError)) throw error;
      throw new Error('You are not signed in: az login, then az account set --subscription NAME', { cause: error });
    },
  );
  const { accessToken } = await az<{ accessToken: string }>('account get-access-token', { subscription: shown.id });
  const payload = Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString();
  const { oid } = JSON.parse(payload) as { oid?: string };
  if (oid === undefined) throw new Error('The token of the Azure CLI has no object id. Sign in again: az login');
  return {
    subscriptionId: shown.id,
    objectId: oid,
    principalType: shown.user.type === 'user' ? 'User' : 'ServicePrincipal',
    found: `${shown.user.name} in the subscription ${shown.name} (${shown.id})`,
  };
}

/** For what an owner of the resource group alone can't look at: undefined when Azure refuses it. @throws any other error */
export function refused(error: unknown): undefined {
  if (!(error instanceof AzError) || !/AuthorizationFailed|does not have authorization/i.test(error.message))
    throw error;
}

interface Permission {
  actions?: string[];
  notActions?: string[];
}

/** What a deployment does, each with what needs it. */
const neededActions: Record<string, string> = {
  'Microsoft.Resources/deployments/write': 'deploys',
  'Microsoft.Web/sites/write': 'creates the app',
  'Microsoft.Authorization/roleAssignments/write': 'gives the app its roles',
};

/** May the caller do in the resource group what the deployment does? */
export async function checkPermissions(az: Az, subscriptionId: string, group: string): Promise<string> {
  const path = `/subscriptions/${subscriptionId}/resourcegroups/${group}/providers/Microsoft.Authorization/permissions`;
  const { value } = await az<{ value: Permission[] }>('rest', { method: 'get', url: `${path}?api-version=2022-04-01` });
  const missing = Object.keys(neededActions).filter((action) => !allows(value, action));
  if (missing.length === 0) return `all that the deployment needs in ${group}`;
  const texts = missing.map((action) => `${action} (${neededActions[action]})`);
  throw new Error(
    `Not allowed in ${group}: ${texts.join(', ')}. You need the role Owner there, or Contributor together with Role Based Access Control Administrator.`,
  );
}

/** Each permission is of one role; what one excludes another may allow. */
const allows = (permissions: Permission[], action: string): boolean =>
  permissions.some(
    ({ actions = [], notActions = [] }) =>
      actions.some((pattern) => matches(pattern, action)) && !notActions.some((pattern) => matches(pattern, action)),
  );

const matches = (pattern: string, action: string): boolean =>
  new RegExp(`^${pattern.split('*').map(escapeText).join('.*')}$`, 'i').test(action);

const escapeText = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Registers the resource providers that are not registered yet, which an Owner or Contributor of the subscription may do once. */
export async function registerProviders(az: Az, subscriptionId: string, needed: string[]): Promise<string> {
  const query = "[?registrationState=='Registered'].namespace";
  const registered = await az<string[]>('provider list', { subscription: subscriptionId, query }).catch(refused);
  if (registered === undefined) return 'not looked at: you may not read the subscription';
  const known = new Set(registered.map((name) => name.toLowerCase()));
  const missing = needed.filter((name) => !known.has(name.toLowerCase()));
  for (const name of missing)
    await az('provider register', { namespace: name, wait: true, subscription: subscriptionId });
  return missing.length === 0 ? `all ${needed.length} are registered` : `registered ${missing.join(', ')}`;
}
