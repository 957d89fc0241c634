import { describe, expect, it } from 'vitest';
import { checkDeployment } from '../../infra/check/checks.ts';
import { durationMs } from '../../infra/check/queues.ts';
import type { Built, Resource, Template } from '../../infra/check/template.ts';
import type { BrokerConfig } from '../../infra/local/servicebus/src/config.ts';

const local: BrokerConfig = {
  queues: [
    {
      name: 'usage-events',
      lockDurationMs: 300_000,
      maxDeliveryCount: 10,
      defaultTtlMs: 1_209_600_000,
      deadLetterOnExpiry: true,
      duplicateWindowMs: 600_000,
    },
  ],
};

const batches = { maxMessageBatchSize: 200, maxConcurrentCalls: 16 };
const times = { batchMs: 120_000, callMs: 60_000, functionTimeoutMs: 270_000 };

const role = (name: string): Resource => ({
  type: 'Microsoft.Authorization/roleAssignments',
  name: `[guid('${name}')]`,
  scope: '[resourceId()]',
  properties: { roleDefinitionId: `[subscriptionResourceId('x', variables('roleIds').${name})]` },
});

const deployed = {
  environmentName: 'prod',
  purgeProtection: true,
  judgeProvider: 'none',
  instanceMemoryMB: 2048,
  httpConcurrency: 16,
};

/** A deployment that passes: small, of the shapes that the compiler writes. */
function good(): { built: Built; inner: Template & { resources: Resource[] } } {
  const inner: Template & { resources: Resource[] } = {
    variables: {
      queueProperties: {
        lockDuration: 'PT5M',
        defaultMessageTimeToLive: 'P14D',
        deadLetteringOnMessageExpiration: true,
      },
    },
    resources: [
      {
        type: 'Microsoft.Storage/storageAccounts',
        name: 's',
        properties: {
          allowSharedKeyAccess: false,
          allowBlobPublicAccess: false,
          allowCrossTenantReplication: false,
          minimumTlsVersion: 'TLS1_2',
          supportsHttpsTrafficOnly: true,
        },
      },
      {
        type: 'Microsoft.ServiceBus/namespaces',
        name: 'n',
        properties: { disableLocalAuth: true, minimumTlsVersion: '1.2' },
      },
      {
        type: 'Microsoft.ServiceBus/namespaces/queues',
        name: "[format('{0}/{1}', parameters('name'), 'usage-events')]",
        properties:
          "[shallowMerge(createArray(variables('queueProperties'), createObject('maxDeliveryCount', 10, 'requiresDuplicateDetection', true(), 'duplicateDetectionHistoryTimeWindow', 'PT10M')))]" as unknown as Record<
            string,
            unknown
          >,
      },
      { type: 'Microsoft.CognitiveServices/accounts', name: 'm', properties: { disableLocalAuth: true } },
      { type: 'Microsoft.Insights/components', name: 'i', properties: { DisableLocalAuth: true } },
      {
        type: 'Microsoft.KeyVault/vaults',
        name: 'k',
        properties: {
          enableRbacAuthorization: true,
          enableSoftDelete: true,
          softDeleteRetentionInDays: 90,
          enablePurgeProtection: "[if(parameters('purgeProtection'), true(), null())]",
        },
      },
      ...[
        'Microsoft.ServiceBus/namespaces',
        'Microsoft.Web/sites',
        'Microsoft.CognitiveServices/accounts',
        'Microsoft.KeyVault/vaults',
        'Microsoft.Storage/storageAccounts/blobServices',
        'Microsoft.Storage/storageAccounts/tableServices',
      ].map((type) => ({
        type: 'Microsoft.Insights/diagnosticSettings',
        name: 'd',
        scope: `[resourceId('${type}', parameters('name'))]`,
        properties: { workspaceId: "[parameters('workspaceId')]" },
      })),
      {
        type: 'Microsoft.Web/sites',
        name: 'w',
        properties: {
          httpsOnly: true,
          siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2', ftpsState: 'Disabled' },
        },
      },
      ...['ftp', 'scm'].map((name) => ({
        type: 'Microsoft.Web/sites/basicPublishingCredentialsPolicies',
        name: `[format('{0}/{1}', parameters('name'), '${name}')]`,
        properties: { allow: false },
      })),
      ...[
        'storageBlobDataOwner',
        'storageTableDataContributor',
        'keyVaultSecretsUser',
        'monitoringMetricsPublisher',
        'cognitiveServicesUser',
        'cognitiveServicesOpenAiUser',
        'storageBlobDataReader',
      ].map(role),
      ...['serviceBusDataOwner', 'serviceBusDataOwner'].map(role),
    ],
  };
  const settings = {
    languageWorkers__node__arguments: '--max-http-header-size=65536',
    ServiceBusConnection__fullyQualifiedNamespace: undefined,
    TablesConnection__endpoint: undefined,
    REQUEST_MEMORY_MB: '512',
    PICTURE_MEMORY_MB: '512',
  };
  const template: Template = {
    parameters: { secretSettings: { type: 'array', defaultValue: ['PAYI_API_KEY', 'ANTHROPIC_API_KEY'] } },
    resources: {
      app: {
        type: 'Microsoft.Resources/deployments',
        name: 'app',
        properties: { template: inner },
      },
    },
  };
  return { built: { file: 'x.bicepparam', template, parameters: deployed, settings }, inner };
}

const failures = (built: Built, inTime = times): string[] =>
  checkDeployment(built, local, inTime, batches)
    .filter(({ ok }) => !ok)
    .map(({ name, found }) => `${name}: ${found}`);

const propertiesOf = (resources: Resource[], type: string): Record<string, unknown> => {
  const properties = resources.find((resource) => resource.type === type)?.properties;
  if (!properties) throw new RangeError(`There is no ${type}.`);
  return properties;
};

const tls = { minTlsVersion: '1.2', scmMinTlsVersion: '1.2', ftpsState: 'Disabled' };

describe('checks of a deployment', () => {
  it('finds nothing wrong with one that keeps the rules', () => {
    expect(failures(good().built)).toEqual([]);
  });

  it.each([
    ['Microsoft.Storage/storageAccounts', 'allowSharedKeyAccess', true, /storage takes no shared key/],
    ['Microsoft.Storage/storageAccounts', 'minimumTlsVersion', 'TLS1_0', /minimumTlsVersion/],
    ['Microsoft.ServiceBus/namespaces', 'disableLocalAuth', false, /Service Bus takes no SAS key/],
    ['Microsoft.Insights/components', 'DisableLocalAuth', undefined, /instrumentation key/],
    ['Microsoft.Web/sites', 'httpsOnly', false, /httpsOnly/],
    ['Microsoft.Web/sites', 'siteConfig', { ...tls, minTlsVersion: '1.0' }, /siteConfig.minTlsVersion/],
    ['Microsoft.Web/sites', 'siteConfig', { ...tls, scmMinTlsVersion: '1.1' }, /siteConfig.scmMinTlsVersion/],
    ['Microsoft.Web/sites', 'siteConfig', { ...tls, ftpsState: 'AllAllowed' }, /siteConfig.ftpsState/],
    ['Microsoft.KeyVault/vaults', 'enableRbacAuthorization', false, /enableRbacAuthorization/],
    ['Microsoft.KeyVault/vaults', 'enableSoftDelete', false, /enableSoftDelete/],
    ['Microsoft.KeyVault/vaults', 'softDeleteRetentionInDays', 7, /softDeleteRetentionInDays/],
    ['Microsoft.KeyVault/vaults', 'enablePurgeProtection', null, /enablePurgeProtection/],
    ['Microsoft.Insights/diagnosticSettings', 'workspaceId', undefined, /nothing of Microsoft.ServiceBus/],
    ['Microsoft.CognitiveServices/accounts', 'disableLocalAuth', undefined, /models take no key/],
    ['Microsoft.Web/sites/basicPublishingCredentialsPolicies', 'allow', true, /'ftp' is on/],
  ])('finds %s with %s = %j', (type, member, value, text) => {
    const { built, inner } = good();
    propertiesOf(inner.resources, type)[member] = value;
    expect(failures(built)).toEqual([expect.stringMatching(text)]);
  });

  it('finds a queue that differs from the one on the laptop', () => {
    const { built, inner } = good();
    inner.variables = {
      queueProperties: { ...(inner.variables?.['queueProperties'] as object), lockDuration: 'PT1M' },
    };
    expect(failures(built)).toEqual([
      "queues are the laptop's: usage-events: lockDurationMs is 60000, on the laptop 300000",
      'a batch ends before its locks: usage-events: locks end after 60000 ms, functions after 270000 ms',
    ]);
  });

  it('finds a vault that may be purged, unless it is for trying things out', () => {
    const { built } = good();
    built.parameters = { ...deployed, purgeProtection: false };
    expect(failures(built)).toEqual([expect.stringMatching(/purgeProtection is off/)]);
    built.parameters = { ...deployed, environmentName: 'dev', purgeProtection: false };
    expect(failures(built)).toEqual([]);
  });

  it.each([
    [{ functionTimeoutMs: 300_000 }, 'usage-events: locks end after 300000 ms, functions after 300000 ms'],
    [{ functionTimeoutMs: 200_000 }, 'a batch may take 180000 ms, its function 200000 ms'],
    [{ batchMs: 200_000 }, 'a batch may take 260000 ms, its function 270000 ms'],
    [{ callMs: 150_000 }, 'a batch may take 270000 ms, its function 270000 ms'],
  ])('finds times that do not fit into each other: %j', (change, found) => {
    expect(failures(good().built, { ...times, ...change })).toEqual([`a batch ends before its locks: ${found}`]);
  });

  it('finds a queue that only one side has', () => {
    const { built, inner } = good();
    const queue = inner.resources.find(({ type }) => type.endsWith('/queues'));
    if (queue) queue.name = "[format('{0}/{1}', parameters('name'), 'other')]";
    expect(failures(built)).toEqual([
      "queues are the laptop's: usage-events is not in Azure; other is not on the laptop",
    ]);
  });

  it('finds a role too much, one too few and one for the whole group', () => {
    const { built, inner } = good();
    const { scope: _, ...wide } = role('owner');
    inner.resources = [...inner.resources.filter(({ name }) => !name.includes('keyVault')), wide];
    expect(failures(built)).toEqual([
      'the identity has these roles and no others: keyVaultSecretsUser: 0, not 1; owner: 1, not 0; the whole resource group: 1, not 0',
    ]);
  });

  it('finds a setting that the app needs and does not get', () => {
    const { built } = good();
    const judging = { ...built, settings: { ...built.settings, JUDGE_PROVIDER: 'anthropic' } };
    expect(failures(judging).join()).toMatch(/starts with these settings.*JUDGE_SEAL_KEY: is missing/s);
    const without = { ...built, parameters: { ...deployed, secretSettings: ['PAYI_API_KEY'] } };
    expect(failures(without).join()).toMatch(/ANTHROPIC_API_KEY: is missing/);
  });

  it('takes e-mails about limits with all of their settings only', () => {
    const { built } = good();
    const plain = { ...built.settings, LIMIT_EMAIL_FROM: 'a@example.com', LIMIT_EMAIL_TO: 'b@example.com' };
    expect(failures({ ...built, settings: plain }).join()).toMatch(/LIMIT_EMAIL_CONNECTION: is missing/);
    const secrets = ['PAYI_API_KEY', 'ANTHROPIC_API_KEY', 'LIMIT_EMAIL_CONNECTION'];
    const whole = { ...built, settings: plain, parameters: { ...deployed, secretSettings: secrets } };
    expect(failures(whole)).toEqual([]);
    expect(failures({ ...built, settings: { ...plain, LIMIT_EMAIL_CONNECTION: 'endpoint=…' } }).join()).toMatch(
      /LIMIT_EMAIL_CONNECTION is a plain setting/,
    );
  });

  it('finds a key of a model that Azure serves, and models that take one', () => {
    const { built, inner } = good();
    const served = { ANTHROPIC_PLATFORM: 'foundry', ANTHROPIC_BASE_URL: undefined, AZURE_OPENAI_BASE_URL: undefined };
    built.settings = { ...built.settings, ...served };
    expect(failures(built)).toEqual(['models of Azure have no key: ANTHROPIC_API_KEY']);
    built.parameters = { ...deployed, secretSettings: ['PAYI_API_KEY'] };
    expect(failures(built)).toEqual([]);
    propertiesOf(inner.resources, 'Microsoft.CognitiveServices/accounts')['disableLocalAuth'] = false;
    expect(failures(built)).toEqual(['models take no key: disableLocalAuth is false, not true']);
  });

  it.each([undefined, '', '--max-http-header-size=16384'])('finds a worker that takes too few headers: %j', (given) => {
    const { built } = good();
    built.settings = { ...built.settings, languageWorkers__node__arguments: given };
    expect(failures(built)).toEqual([expect.stringMatching(/^the worker takes the headers/)]);
  });

  it.each([
    ['httpConcurrency', 300, '300 requests at once take 1392 MB, half of the instance is 1024'],
    ['instanceMemoryMB', 1024, 'bodies and pictures may take 1024 MB of 1024'],
  ])('finds an instance that does more at once than fits: %s = %i', (name, value, found) => {
    const { built } = good();
    built.parameters = { ...deployed, [name]: value };
    expect(failures(built)).toEqual([`what an instance does at once fits in its memory: ${found}`]);
  });

  it.each([
    [{ REQUEST_MEMORY_MB: '256' }, 'the largest request takes 320 MB, bodies have 256'],
    [{ REQUEST_MEMORY_MB: '256', MAX_REQUEST_BYTES: '67108864' }, undefined],
    [{ PICTURE_MEMORY_MB: '640' }, 'bodies and pictures may take 1152 MB of 2048'],
    [{ PICTURE_MEMORY_MB: '128' }, undefined],
    [{ PAYI_BATCH_ITEMS: '100' }, 'a batch has 200 messages, PAYI_BATCH_ITEMS is 100'],
  ])('finds budgets that do not fit: %j', (settings, found) => {
    const { built } = good();
    built.settings = { ...built.settings, ...settings };
    expect(failures(built)).toEqual(found ? [`what an instance does at once fits in its memory: ${found}`] : []);
  });

  it.each([
    [
      { maxMessageBatchSize: 1_900 },
      'a batch takes 2092 MB of 2048; a batch has 1900 messages, PAYI_BATCH_ITEMS is 200',
    ],
    [{ maxConcurrentCalls: 1_900 }, '1900 jobs of the judge take 2092 MB of 2048'],
  ])('finds queues that take more than an instance has: %j', (change, found) => {
    const checks = checkDeployment(good().built, local, times, { ...batches, ...change });
    expect(checks.filter(({ ok }) => !ok)).toEqual([
      { name: 'what an instance does at once fits in its memory', ok: false, found },
    ]);
  });

  it('finds a setting that nobody reads', () => {
    const { built } = good();
    const misspelt = { ...built, settings: { ...built.settings, MODEL_FINDERS: 'x' } };
    expect(failures(misspelt)).toEqual(['every setting is read by somebody: nobody reads MODEL_FINDERS']);
  });

  it('finds a secret among the plain settings, in an output, and a listed key', () => {
    const { built, inner } = good();
    built.settings = { ...built.settings, OPENAI_API_KEY: 'sk-…' };
    built.template.outputs = { storageConnectionString: { type: 'string', value: '' } };
    inner.outputs = { x: { type: 'string', value: "[listKeys('a', '2024')]" } };
    expect(failures(built)).toEqual([
      'secrets come from the Key Vault: OPENAI_API_KEY is a plain setting',
      'outputs tell no secret: output storageConnectionString',
      'no keys are listed: listKeys',
    ]);
  });
});

describe('durations', () => {
  it.each([
    ['PT5M', 300_000],
    ['P14D', 1_209_600_000],
    ['PT10S', 10_000],
    ['P1DT1H', 90_000_000],
  ])('reads %s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });
});
