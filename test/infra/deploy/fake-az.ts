import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Az, AzError, type AzOptions } from '../../../infra/cli/deploy/az.ts';

/** One call of the Azure CLI: its words, and its options by name. */
export interface AzCall {
  command: string;
  options: Record<string, string>;
}

/** What the subscription holds. A test may change it. */
export interface Subscription {
  groups: Map<string, { location: string; tags: Record<string, string> }>;
  registered: Set<string>;
  /** States of deployments by name. */
  deployments: Map<string, 'Running' | 'Succeeded'>;
  vault: 'missing' | 'there' | 'deleted';
  /** The parameter file has models that Azure serves, and their Foundry resource. */
  servesModels: boolean;
  models: 'missing' | 'there' | 'deleted';
  secrets: Map<string, string>;
  /** The caller may set secrets. */
  isOfficer: boolean;
  /** Secret references that the app still can't read. */
  unread: number;
  package: Uint8Array | undefined;
  permissions: { actions: string[]; notActions: string[] }[];
}

export interface FakeAz {
  /** Folder of the executable `az`, for PATH. */
  folder: string;
  /** The same without a process for each call. */
  az: Az;
  calls: AzCall[];
  subscription: Subscription;
  /** Fails calls with this text instead of running them. */
  refuse: (call: AzCall, index: number) => string | undefined;
  close(): Promise<void>;
}

const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
const VAULT = 'kv-trailme-abc';
const MODELS = 'ai-trailmeter-dev-abc';
const notFound = { code: 3, stderr: 'ERROR: (NotFound) not found' };
const template = JSON.parse(readFileSync('infra/main.snapshot.json', 'utf8')) as {
  predictedResources: { type: string; name: string }[];
};

type Answer = { code: number; stderr: string } | { value: unknown };

/** An executable `az` that records its calls and answers like the real one about a subscription in memory. `onPackage` gets what is deployed. */
export async function startFakeAz(url: string, onPackage: (zip: Uint8Array) => Promise<void>): Promise<FakeAz> {
  const fake: FakeAz = {
    folder: await mkdtemp(join(tmpdir(), 'az-')),
    calls: [],
    az: async <T>(command: string, options: AzOptions = {}) => {
      const texts = Object.entries(options).map(([name, value]) => [
        name,
        value === true ? '' : [value].flat().join(' '),
      ]);
      const file = options['file'];
      const isSecret = command.includes('secret') && typeof file === 'string';
      const call = { command, options: Object.fromEntries(texts) as Record<string, string> };
      const answered = await answer(call, isSecret ? readFileSync(file, 'utf8') : null);
      if ('code' in answered) throw new AzError(answered.stderr);
      return answered.value as T;
    },
    subscription: {
      groups: new Map(),
      registered: new Set(['Microsoft.Web', 'Microsoft.Storage']),
      deployments: new Map(),
      vault: 'missing',
      servesModels: false,
      models: 'missing',
      secrets: new Map(),
      isOfficer: false,
      unread: 1,
      package: undefined,
      permissions: [{ actions: ['*'], notActions: [] }],
    },
    refuse: () => undefined,
    close: async () => {
      server.close();
      await rm(fake.folder, { recursive: true });
    },
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { args, file } = JSON.parse(Buffer.concat(chunks).toString()) as { args: string[]; file: string | null };
    const call = parse(args);
    response.end(JSON.stringify(await answer(call, file)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await writeFile(join(fake.folder, 'az'), executable(port));
  await chmod(join(fake.folder, 'az'), 0o755);
  const { subscription } = fake;

  async function answer(call: AzCall, file: string | null): Promise<Answer> {
    const refusal = fake.refuse(call, fake.calls.push(call) - 1);
    return refusal === undefined ? run(call, file) : { code: 1, stderr: `ERROR: ${refusal}` };
  }

  async function run({ command, options }: AzCall, file: string | null): Promise<Answer> {
    const { name = '' } = options;
    switch (command) {
      case 'version':
        return { value: { 'azure-cli': '2.80.0' } };
      case 'account show':
        return { value: { id: SUBSCRIPTION, name: 'Trails', user: { name: 'kim@example.com', type: 'user' } } };
      case 'account get-access-token':
        return { value: { accessToken: `e30.${Buffer.from('{"oid":"the-object-id"}').toString('base64url')}.x` } };
      case 'bicep build-params':
        return { value: builtParameters(subscription.servesModels) };
      case 'group exists':
        return { value: subscription.groups.has(name) };
      case 'group show':
        return { value: subscription.groups.get(name) };
      case 'group create':
        subscription.groups.set(name, { location: options['location'] ?? '', tags: tagsOf(options['tags'] ?? '') });
        return { value: {} };
      case 'group delete':
        subscription.groups.delete(name);
        subscription.deployments.clear();
        subscription.isOfficer = false;
        subscription.vault = 'deleted';
        if (subscription.models === 'there') subscription.models = 'deleted';
        return { value: undefined };
      case 'resource list':
        return { value: template.predictedResources.map(({ type, name: resource }) => ({ type, name: resource })) };
      case 'provider list':
        return { value: [...subscription.registered] };
      case 'provider register':
        subscription.registered.add(options['namespace'] ?? '');
        return { value: undefined };
      case 'functionapp list-flexconsumption-locations':
        return { value: [{ name: 'westeurope' }, { name: 'eastus' }] };
      case 'functionapp list-flexconsumption-runtimes':
        return { value: ['22', '24'].map(runtimeOf) };
      case 'storage account show-usage':
        return { value: { currentValue: 3, limit: 250 } };
      case 'keyvault list-deleted':
        return { value: subscription.vault === 'deleted' ? [{ name: VAULT, properties: { vaultId: vaultId() } }] : [] };
      case 'keyvault recover':
        if (subscription.vault !== 'deleted') return notFound;
        subscription.vault = 'there';
        return { value: {} };
      case 'cognitiveservices account list-deleted':
        return { value: subscription.models === 'deleted' ? [{ id: modelsId(), name: MODELS, location: 'l' }] : [] };
      case 'cognitiveservices account recover':
        if (subscription.models !== 'deleted') return notFound;
        subscription.models = 'there';
        return { value: {} };
      case 'deployment group what-if':
        return {
          value: { status: 'Succeeded', error: null, changes: changes(), potentialChanges: null, diagnostics: null },
        };
      case 'deployment group list':
        return { value: [...subscription.deployments].flatMap(([key, state]) => (state === 'Running' ? [key] : [])) };
      case 'deployment group wait':
        subscription.deployments.set(name, 'Succeeded');
        return { value: undefined };
      case 'deployment group create':
        return deploy(name);
      case 'keyvault show':
        return { value: vaultId() };
      case 'role assignment create':
        subscription.isOfficer = true;
        return { value: {} };
      case 'keyvault secret list':
        if (!subscription.isOfficer)
          return { code: 1, stderr: 'ERROR: (Forbidden) Caller is not authorized. Inner error: ForbiddenByRbac' };
        return { value: [...subscription.secrets.keys()] };
      case 'keyvault secret set':
        subscription.secrets.set(name, file ?? '');
        return { value: name };
      case 'keyvault secret show':
        return { value: subscription.secrets.get(name) };
      case 'functionapp deployment source config-zip':
        subscription.package = readFileSync(options['src'] ?? '');
        await onPackage(subscription.package);
        return { value: 'Deployment was successful.' };
      case 'rest':
        return rest(options['method'] ?? '', options['url'] ?? '');
      default:
        return { code: 2, stderr: `ERROR: '${command}' is misspelled or not recognized by the system.` };
    }
  }

  const groupName = () => [...subscription.groups.keys()][0] ?? 'trailmeter-dev';
  const modelsId = () =>
    `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.CognitiveServices/locations/l/resourceGroups/${groupName()}/deletedAccounts/${MODELS}`;
  const vaultId = () =>
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/${groupName()}/providers/Microsoft.KeyVault/vaults/${VAULT}`;

  function deploy(name: string): Answer {
    if (subscription.vault === 'deleted')
      return { code: 1, stderr: 'ERROR: (ConflictError) A vault with the same name already exists in deleted state.' };
    if (subscription.servesModels && subscription.models === 'deleted')
      return {
        code: 1,
        stderr: 'ERROR: (FlagMustBeSetForRestore) An existing resource with this name was soft-deleted.',
      };
    if (subscription.deployments.get(name) === 'Running')
      return { code: 1, stderr: 'ERROR: (DeploymentActive) The deployment is still active.' };
    subscription.vault = 'there';
    if (subscription.servesModels) subscription.models = 'there';
    subscription.deployments.set(name, 'Succeeded');
    const outputs = { functionAppUrl: url, functionAppName: 'func-trailmeter-dev-abc', keyVaultName: VAULT };
    const typed = Object.entries(outputs).map(([key, value]) => [key, { type: 'String', value }]);
    return { value: { properties: { provisioningState: 'Succeeded', outputs: Object.fromEntries(typed) } } };
  }

  const changes = () =>
    template.predictedResources.slice(0, 3).map(({ type, name }, index) => ({
      resourceId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/g/providers/${type}/${name}`,
      changeType: subscription.deployments.size === 0 ? 'Create' : index === 0 ? 'Modify' : 'NoChange',
      unsupportedReason: null,
      before: null,
      after: null,
      delta:
        index === 0
          ? [
              { path: 'properties', propertyChangeType: 'Array', children: [{ path: 'retentionInDays' }] },
              { path: 'etag', propertyChangeType: 'NoEffect', children: null },
            ]
          : null,
    }));

  function rest(method: string, path: string): Answer {
    if (path.includes('/permissions?')) return { value: { value: subscription.permissions } };
    if (path.includes('/usages?')) return { value: { value: [{ unit: 'Core Count', currentValue: 200, limit: 250 }] } };
    if (method === 'post' && path.includes('/refresh?')) {
      subscription.unread = Math.max(0, subscription.unread - 1);
      return { value: {} };
    }
    if (!path.includes('/configreferences/')) return notFound;
    const statusOf = (index: number) => (index < subscription.unread ? 'AccessToKeyVaultDenied' : 'Resolved');
    const names = [...subscription.secrets.keys()];
    return { value: { value: names.map((name, index) => ({ name, properties: { status: statusOf(index) } })) } };
  }
  return fake;
}

function parse(args: string[]): AzCall {
  const first = args.findIndex((arg) => arg.startsWith('--'));
  const options: Record<string, string> = {};
  let name = '';
  for (const arg of first === -1 ? [] : args.slice(first)) {
    if (arg.startsWith('--')) name = arg.slice(2);
    options[name] = arg.startsWith('--') ? '' : [options[name], arg].filter(Boolean).join(' ');
  }
  return { command: args.slice(0, first === -1 ? undefined : first).join(' '), options };
}

/** As azure-cli 2.8x prints it (command_modules/appservice/custom.py, class _FlexFunctionAppStackRuntimeHelper). */
const runtimeOf = (version: string) => ({
  appInsights: true,
  default: version === '22',
  endOfLifeDate: '2027-04-30T00:00:00Z',
  githubActionsProperties: { isSupported: true, supportedVersion: `${version}.x` },
  name: 'node',
  sku: { skuCode: 'FC1', functionAppConfigProperties: { runtime: { name: 'node', version } } },
  version,
});

const tagsOf = (text: string): Record<string, string> =>
  Object.fromEntries(text.split(' ').map((tag) => tag.split('=') as [string, string]));

/** What the Bicep compiler makes of a parameter file, as far as the command reads it. */
function builtParameters(servesModels: boolean): { parametersJson: string; templateJson: string } {
  const defaults = {
    appName: 'trailmeter',
    nodeVersion: '24',
    privateNetwork: false,
    instanceMemoryMB: 2048,
    maximumInstanceCount: 40,
  };
  return {
    parametersJson: JSON.stringify({
      parameters: {
        modelDeployments: { value: servesModels ? [{ name: 'claude-sonnet-5-5' }] : [] },
        secretSettings: {
          value: ['PAYI_API_KEY', 'ANTHROPIC_API_KEY', 'ACCESS_KEYS', 'USER_ID_KEY', 'JUDGE_SEAL_KEY'],
        },
      },
    }),
    templateJson: JSON.stringify({
      resources: [...template.predictedResources, { type: 'Microsoft.CognitiveServices/accounts', name: MODELS }],
      parameters: Object.fromEntries(
        Object.entries(defaults).map(([name, defaultValue]) => [name, { type: 'x', defaultValue }]),
      ),
    }),
  };
}

/** Sends its arguments, and the content of `--file`, to the test. */
const executable = (port: number): string => `#!${process.execPath}
const args = process.argv.slice(2);
const at = args.indexOf('--file');
const isSecret = args.includes('secret');
const file = at !== -1 && isSecret ? require('node:fs').readFileSync(args[at + 1], 'utf8') : null;
fetch('http://127.0.0.1:${port}', { method: 'POST', body: JSON.stringify({ args, file }) })
  .then((response) => response.json())
  .then(({ value, code = 0, stderr = '' }) => {
    if (value !== undefined) process.stdout.write(JSON.stringify(value));
    process.stderr.write(stderr);
    process.exitCode = code;
  });
`;
