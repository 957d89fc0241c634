import { isDeepStrictEqual } from 'node:util';
import type { BrokerConfig } from '../local/servicebus/src/config.ts';
import { isSecret, parameter, secretSettings, settingNames, startProblem, unreadNames } from './app-settings.ts';
import { concurrencyProblems, type QueueBatches } from './concurrency.ts';
import { type BatchTimes, queueDifferences, timeProblems } from './queues.ts';
import { type Built, type Placed, resourcesOf } from './template.ts';

/** What we demand of the templates beyond what the linter knows. */
export interface Check {
  name: string;
  ok: boolean;
  /** What is wrong; absent when `ok`. */
  found?: string;
}

const check = (name: string, problems: (string | undefined)[]): Check => {
  const found = problems.filter((problem) => problem !== undefined).join('; ');
  return found ? { name, ok: false, found } : { name, ok: true };
};

/** All checks on one parameter file and the template that it is for. `local` is what the laptop's broker serves. */
export function checkDeployment(built: Built, local: BrokerConfig, times: BatchTimes, batches: QueueBatches): Check[] {
  const placed = resourcesOf(built.template);
  const startFault = startProblem(built);
  return [
    check('the app starts with these settings', [startFault]),
    check(
      'every setting is read by somebody',
      unreadNames(built).map((name) => `nobody reads ${name}`),
    ),
    check('the worker takes the headers that the host passes on', [headerProblem(built)]),
    check('secrets come from the Key Vault', plainSecrets(built)),
    check('models of Azure have no key', modelKeys(built)),
    check('outputs tell no secret', secretOutputs(built)),
    check('no keys are listed', listedKeys(built)),
    check('storage takes no shared key', onAll(placed, 'Microsoft.Storage/storageAccounts', storageRules)),
    check('Service Bus takes no SAS key', onAll(placed, 'Microsoft.ServiceBus/namespaces', busRules)),
    check('telemetry takes no instrumentation key', onAll(placed, 'Microsoft.Insights/components', insightsRules)),
    check('models take no key', onAll(placed, 'Microsoft.CognitiveServices/accounts', modelRules)),
    check('secrets are read by role and outlast a deletion', vaultProblems(built, placed)),
    check('the app answers by TLS 1.2 only', onAll(placed, 'Microsoft.Web/sites', siteRules)),
    check('publishing takes no password', publishing(placed)),
    check('the workspace keeps the logs of the platform', logProblems(placed)),
    check("queues are the laptop's", queueDifferences(placed, local)),
    check('a batch ends before its locks', timeProblems(placed, times)),
    check('what an instance does at once fits in its memory', startFault ? [] : concurrencyProblems(built, batches)),
    check('the identity has these roles and no others', roleDifferences(placed)),
  ];
}

type Rules = Record<string, unknown>;

const storageRules: Rules = {
  allowSharedKeyAccess: false,
  allowBlobPublicAccess: false,
  allowCrossTenantReplication: false,
  minimumTlsVersion: 'TLS1_2',
  supportsHttpsTrafficOnly: true,
};
const busRules: Rules = { disableLocalAuth: true, minimumTlsVersion: '1.2' };
const insightsRules: Rules = { DisableLocalAuth: true };
const modelRules: Rules = { disableLocalAuth: true };
const siteRules: Rules = {
  httpsOnly: true,
  'siteConfig.minTlsVersion': '1.2',
  'siteConfig.scmMinTlsVersion': '1.2',
  'siteConfig.ftpsState': 'Disabled',
};
const vaultRules: Rules = {
  enableRbacAuthorization: true,
  enableSoftDelete: true,
  softDeleteRetentionInDays: 90,
  enablePurgeProtection: "[if(parameters('purgeProtection'), true(), null())]",
};

function onAll(placed: Placed[], type: string, rules: Rules): (string | undefined)[] {
  const found = placed.filter(({ resource }) => resource.type === type);
  if (found.length === 0) return [`there is no ${type}`];
  return found.flatMap(({ resource }) =>
    Object.entries(rules).map(([path, wanted]) => {
      const value = path
        .split('.')
        .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], resource.properties);
      return isDeepStrictEqual(value, wanted) ? undefined : `${path} is ${JSON.stringify(value)}, not ${wanted}`;
    }),
  );
}

const plainSecrets = (built: Built): string[] =>
  settingNames(built)
    .filter((name) => isSecret(name) && !secretSettings(built).includes(name))
    .map((name) => `${name} is a plain setting`);

/** What the Functions host passes on, in bytes. A worker that takes less never answers. */
const HOST_HEADERS = 32 * 1024;

function headerProblem(built: Built): string | undefined {
  // NODE_OPTIONS comes too late for a worker that the platform keeps ready.
  const given = built.settings['languageWorkers__node__arguments'] ?? '';
  const [, bytes = '0'] = /--max-http-header-size=(\d+)/.exec(given) ?? [];
  return Number(bytes) > HOST_HEADERS ? undefined : `languageWorkers__node__arguments is ${JSON.stringify(given)}`;
}

/** The app would use a key rather than its identity. */
const modelKeys = (built: Built): string[] =>
  [
    built.settings['ANTHROPIC_PLATFORM'] === 'foundry' ? 'ANTHROPIC_API_KEY' : undefined,
    'AZURE_OPENAI_BASE_URL' in built.settings ? 'AZURE_OPENAI_API_KEY' : undefined,
  ].filter((name) => name !== undefined && settingNames(built).includes(name)) as string[];

const secretOutputs = (built: Built): string[] =>
  Object.entries(built.template.outputs ?? {})
    .filter(
      ([name, output]) => /^secure/i.test(output.type) || /connectionString|secret|password|key(?!Vault)\b/i.test(name),
    )
    .map(([name]) => `output ${name}`);

const listedKeys = (built: Built): (string | undefined)[] => [
  /\blist(?:Keys|AccountSas|Secrets)\b/i.exec(JSON.stringify(built.template))?.[0],
];

/** Only a deployment for trying things out may let its vault be purged. */
const vaultProblems = (built: Built, placed: Placed[]): (string | undefined)[] => [
  ...onAll(placed, 'Microsoft.KeyVault/vaults', vaultRules),
  parameter(built, 'purgeProtection') !== true && parameter(built, 'environmentName') !== 'dev'
    ? 'purgeProtection is off'
    : undefined,
];

/** What the platform alone can tell: changes, reads of secrets, counts of messages, a start that failed. */
const logged = [
  'Microsoft.Web/sites',
  'Microsoft.CognitiveServices/accounts',
  'Microsoft.ServiceBus/namespaces',
  'Microsoft.KeyVault/vaults',
  'Microsoft.Storage/storageAccounts/blobServices',
  'Microsoft.Storage/storageAccounts/tableServices',
];

const logProblems = (placed: Placed[]): string[] =>
  logged
    .filter(
      (type) =>
        !placed.some(
          ({ resource }) =>
            resource.type === 'Microsoft.Insights/diagnosticSettings' &&
            resource.scope?.includes(`'${type}'`) &&
            resource.properties?.['workspaceId'] !== undefined,
        ),
    )
    .map((type) => `nothing of ${type}`);

const publishing = (placed: Placed[]): string[] => {
  const off = placed.filter(
    ({ resource }) =>
      resource.type === 'Microsoft.Web/sites/basicPublishingCredentialsPolicies' &&
      resource.properties?.['allow'] === false,
  );
  return ["'ftp'", "'scm'"]
    .filter((name) => !off.some(({ resource }) => resource.name.includes(name)))
    .map((name) => `${name} is on`);
};

/** Role to the number of scopes at which the app has it. */
const roles: Record<string, number> = {
  storageBlobDataOwner: 1,
  storageTableDataContributor: 1,
  // Of the two queues alone; without it the platform can't count their messages and scales out too late.
  serviceBusDataOwner: 2,
  keyVaultSecretsUser: 1,
  monitoringMetricsPublisher: 1,
  // For those who read the export, not for the app.
  storageBlobDataReader: 1,
  // Where Azure serves models.
  cognitiveServicesUser: 1,
  cognitiveServicesOpenAiUser: 1,
};

function roleDifferences(placed: Placed[]): string[] {
  const found: Record<string, number> = {};
  for (const { resource } of placed) {
    if (resource.type !== 'Microsoft.Authorization/roleAssignments') continue;
    const text = String(resource.properties?.['roleDefinitionId']);
    const role = /variables\('roleIds'\)\.(\w+)/.exec(text)?.[1] ?? text;
    found[role] = (found[role] ?? 0) + 1;
    if (!resource.scope) found['the whole resource group'] = (found['the whole resource group'] ?? 0) + 1;
  }
  return [...new Set([...Object.keys(roles), ...Object.keys(found)])]
    .filter((role) => roles[role] !== found[role])
    .map((role) => `${role}: ${found[role] ?? 0}, not ${roles[role] ?? 0}`);
}
