import { isDeepStrictEqual } from 'node:util';
import type { BrokerConfig } from '../local/servicebus/config.ts';
import { isSecret, secretSettings, settingNames, startProblem, unreadNames } from './app-settings.ts';
import { type Built, membersOf, type Placed, resourcesOf } from './template.ts';

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
export function checkDeployment(built: Built, local: BrokerConfig): Check[] {
  const placed = resourcesOf(built.template);
  return [
    check('the app starts with these settings', [startProblem(built)]),
    check(
      'every setting is read by somebody',
      unreadNames(built).map((name) => `nobody reads ${name}`),
    ),
    check('secrets come from the Key Vault', plainSecrets(built)),
    check('outputs tell no secret', secretOutputs(built)),
    check('no keys are listed', listedKeys(built)),
    check('storage takes no shared key', onAll(placed, 'Microsoft.Storage/storageAccounts', storageRules)),
    check('Service Bus takes no SAS key', onAll(placed, 'Microsoft.ServiceBus/namespaces', busRules)),
    check('telemetry takes no instrumentation key', onAll(placed, 'Microsoft.Insights/components', insightsRules)),
    check('the app answers by TLS 1.2 only', onAll(placed, 'Microsoft.Web/sites', siteRules)),
    check('publishing takes no password', publishing(placed)),
    check("queues are the laptop's", queueDifferences(placed, local)),
    check('the identity has these roles and no others', roleDifferences(placed)),
  ];
}

type Rules = Record<string, unknown>;

const storageRules: Rules = {
  allowSharedKeyAccess: false,
  allowBlobPublicAccess: false,
  minimumTlsVersion: 'TLS1_2',
  supportsHttpsTrafficOnly: true,
};
const busRules: Rules = { disableLocalAuth: true, minimumTlsVersion: '1.2' };
const insightsRules: Rules = { DisableLocalAuth: true };
const siteRules: Rules = { httpsOnly: true, 'siteConfig.minTlsVersion': '1.2' };

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

const secretOutputs = (built: Built): string[] =>
  Object.entries(built.template.outputs ?? {})
    .filter(
      ([name, output]) => /^secure/i.test(output.type) || /connectionString|secret|password|key(?!Vault)\b/i.test(name),
    )
    .map(([name]) => `output ${name}`);

const listedKeys = (built: Built): (string | undefined)[] => [
  /\blist(?:Keys|AccountSas|Secrets)\b/i.exec(JSON.stringify(built.template))?.[0],
];

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

/** ISO 8601 durations of whole days, hours, minutes and seconds, in ms. */
export function durationMs(text: string): number {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text) ?? [];
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}

function queueDifferences(placed: Placed[], local: BrokerConfig): string[] {
  const cloud = placed
    .filter(({ resource }) => resource.type === 'Microsoft.ServiceBus/namespaces/queues')
    .map(({ resource, template }) => {
      const is = membersOf(resource.properties, template);
      const name = /'([\w-]+)'\)\]$/.exec(resource.name)?.[1] ?? resource.name;
      return {
        name,
        lockDurationMs: durationMs(String(is['lockDuration'])),
        maxDeliveryCount: is['maxDeliveryCount'],
        defaultTtlMs: durationMs(String(is['defaultMessageTimeToLive'])),
        deadLetterOnExpiry: is['deadLetteringOnMessageExpiration'] === true,
        duplicateWindowMs: is['requiresDuplicateDetection']
          ? durationMs(String(is['duplicateDetectionHistoryTimeWindow']))
          : undefined,
      };
    });
  const here = new Map(local.queues.map((queue) => [queue.name, queue]));
  const missing = [...here.keys()].filter((name) => !cloud.some((queue) => queue.name === name));
  return [
    ...missing.map((name) => `${name} is not in Azure`),
    ...cloud.flatMap(({ name, ...rules }) => {
      const laptop = here.get(name);
      if (!laptop) return [`${name} is not on the laptop`];
      return Object.entries(rules)
        .filter(([rule, value]) => laptop[rule as keyof typeof rules] !== value)
        .map(([rule, value]) => `${name}: ${rule} is ${value}, on the laptop ${laptop[rule as keyof typeof rules]}`);
    }),
  ];
}

/** Role to the number of scopes at which the app has it. */
const roles: Record<string, number> = {
  storageBlobDataOwner: 1,
  storageTableDataContributor: 1,
  serviceBusDataSender: 2,
  serviceBusDataReceiver: 2,
  keyVaultSecretsUser: 1,
  monitoringMetricsPublisher: 1,
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
