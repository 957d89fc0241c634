// Everything that Trailmeter runs on in Azure, in one resource group. Nothing here has a key: every connection is the
// function app's managed identity. The few secrets of other companies live in Key Vault and are set by a person.
targetScope = 'resourceGroup'

import { customer, modelDeployment } from 'modules/models.bicep'

metadata name = 'Trailmeter'
metadata description = 'AI trail features whose every model call is attributed, metered, limited and reported to Pay-i.'

@description('Short name of the app: lower-case letters and digits. Part of every resource name.')
@minLength(3)
@maxLength(11)
param appName string = 'trailmeter'

@description('Which deployment this is. Reported to Pay-i as a property of every use case.')
@allowed(['dev', 'prod'])
param environmentName string

@description('Region of all resources.')
param location string = resourceGroup().location

@description('Version of Node.js on the function app.')
@allowed(['22', '24'])
param nodeVersion string = '24'

@description('Most instances that the app may scale out to.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Memory of an instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Instances that are always ready for HTTP requests. Each is billed around the clock.')
@minValue(0)
@maxValue(20)
param alwaysReadyHttp int = 0

@description('Instances of the queue function that are always ready. Each is billed around the clock.')
@minValue(0)
@maxValue(20)
param alwaysReadyIngest int = 0

@description('HTTP requests that an instance serves at a time. Uploads are held in memory: see the budgets in the README before raising it.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 16

@description('Instances in several availability zones, with zone-redundant storage. Not every region has them.')
param zoneRedundant bool = false

@description('How running instances are replaced. RollingUpdate has no downtime; it is in preview.')
@allowed(['Recreate', 'RollingUpdate'])
param siteUpdateStrategy string = 'Recreate'

@description('Storage, Service Bus and vault have private endpoints only. Needs Service Bus Premium.')
param privateNetwork bool = false

@description('With a private network: the app has a private endpoint only, too.')
param privateInbound bool = false

@description('Address space of the private network. Take one that is free where it is peered.')
param networkPrefix string = '10.77.0.0/24'

@description('Tier of Service Bus. A private network needs Premium.')
@allowed(['Standard', 'Premium'])
param serviceBusSku string = privateNetwork ? 'Premium' : 'Standard'

@description('Messaging units of Service Bus Premium.')
@allowed([1, 2, 4, 8, 16])
param serviceBusCapacity int = 1

@description('Application (client) id of an app registration: App Service Authentication signs people in with Microsoft Entra. Empty: off.')
param entraClientId string = ''

@description('E-mail addresses that alerts go to. Empty: alerts are shown in the portal only.')
param alertEmails string[] = []

@description('Messages of the queue that may wait before an alert.')
param backlogAlert int = 5000

@description('USD that the calls of models may cost in an hour, by the app\'s own prices, before an alert.')
@minValue(1)
param spendAlertUsd int = 20

@description('Alert when no usage event was ingested for a day.')
param expectTraffic bool = environmentName == 'prod'

@description('Azure cost of the resource group in a month, in its billing currency, at 80 % and 100 % of which the addresses above get a mail. 0: no budget.')
param monthlyBudget int = 0

@description('First day of the month in which the budget starts, e.g. 2026-12-01. Needed with a budget; can\'t be changed later.')
param budgetStart string = ''

@description('Redundancy of the storage account. Zone redundancy is for production.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageSku string = zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Most gigabytes of logs a day; -1 for no cap.')
param logDailyCapGb int = 1

@description('Who judges the answers in the background: none, or a provider whose key is in the Key Vault.')
@allowed(['none', 'anthropic', 'openai', 'google', 'xai'])
param judgeProvider string = 'none'

@description('Models that Azure serves to the app, which calls them with its identity: Claude of Microsoft Foundry, and Azure OpenAI. Their keys are then not in secretSettings.')
param modelDeployments modelDeployment[] = []

@description('Resource id of a Foundry resource of yours, in any resource group of the subscription, that has these deployments. Empty: one is created with them.')
param modelAccountId string = ''

@description('Region of a Foundry resource that is created.')
param modelLocation string = location

@description('Needed to create deployments of Claude.')
param claudeCustomer customer?

@description('Sender and receivers of e-mails about limits, through an Azure Communication Services resource of yours. Its connection string is a secret: add LIMIT_EMAIL_CONNECTION to secretSettings.')
param limitEmail {
  from: string
  to: string[]
}?

@description('Where OpenTelemetry spans go: nowhere, to the Application Insights of this deployment, or by OTLP to otlpEndpoint.')
@allowed(['none', 'azure-monitor', 'otlp'])
param traces string = 'none'

@description('Address of a collector that takes OTLP over HTTP, with traces otlp. Its headers are a secret: add OTEL_EXPORTER_OTLP_HEADERS to secretSettings.')
param otlpEndpoint string = ''

@description('Each ended hour of the ledger as Parquet files in the container usage-export of the storage account. They stay until somebody deletes them.')
param exportUsage bool = false

@description('Object ids of service principals and managed identities that may read these files, such as that of an Azure Data Explorer cluster.')
param exportReaders string[] = []

@description('Origins whose browsers may call the app, e.g. https://trails.example.com. None by default.')
param corsOrigins string[] = []

@description('Settings of the app beyond their defaults, by name; see the README. No secrets.')
param extraSettings { *: string } = {}

@description('App settings that are kept in the Key Vault. Each secret must be there before the code is: the text of a reference that leads nowhere reaches the app as it is.')
param secretSettings string[] = [
  'PAYI_API_KEY'
  'ANTHROPIC_API_KEY'
  'ACCESS_KEYS'
  'USER_ID_KEY'
]

@description('Keep deleted secrets unpurgeable for their retention. Can\'t be undone.')
param purgeProtection bool = true

var suffix = uniqueString(resourceGroup().id, appName, environmentName)
var names = {
  identity: 'id-${appName}-${environmentName}'
  monitoring: '${appName}-${environmentName}'
  storage: take('st${appName}${suffix}', 24)
  serviceBus: 'sb-${appName}-${environmentName}-${suffix}'
  keyVault: 'kv-${take(appName, 7)}-${suffix}'
  functionApp: 'func-${appName}-${environmentName}-${suffix}'
  models: 'ai-${appName}-${environmentName}-${suffix}'
}
var tags = {
  app: appName
  environment: environmentName
}

var servesClaude = contains(map(modelDeployments, deployment => deployment.format), 'Anthropic')
var openAiDeployments = filter(modelDeployments, deployment => deployment.format == 'OpenAI')
var servesModels = !empty(modelDeployments)
var createsModels = servesModels && empty(modelAccountId)

module identity 'modules/identity.bicep' = {
  params: {
    name: names.identity
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    name: names.monitoring
    location: location
    tags: tags
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
  }
}

module storage 'modules/storage.bicep' = {
  params: {
    name: names.storage
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    sku: storageSku
    publicAccess: !privateNetwork
  }
}

var exportContainer = 'usage-export'

module export 'modules/export.bicep' = if (exportUsage) {
  params: {
    storageAccountName: names.storage
    container: exportContainer
    readers: exportReaders
  }
  dependsOn: [
    storage
  ]
}

module serviceBus 'modules/service-bus.bicep' = {
  params: {
    name: names.serviceBus
    location: location
    tags: tags
    sku: serviceBusSku
    capacity: serviceBusCapacity
    publicAccess: !privateNetwork
    workspaceId: monitoring.outputs.workspaceId
  }
}

module keyVault 'modules/key-vault.bicep' = {
  params: {
    name: names.keyVault
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    purgeProtection: purgeProtection
    secretSettings: secretSettings
    publicAccess: !privateNetwork
  }
}

module models 'modules/models.bicep' = if (createsModels) {
  params: {
    name: names.models
    location: modelLocation
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    publicAccess: !privateNetwork
    deployments: modelDeployments
    claudeCustomer: claudeCustomer
  }
}

module modelAccess 'modules/model-access.bicep' = if (servesModels) {
  scope: resourceGroup(empty(modelAccountId) ? resourceGroup().name : split(modelAccountId, '/')[4])
  params: {
    accountName: empty(modelAccountId) ? names.models : last(split(modelAccountId, '/'))
    identityName: names.identity
    principalId: identity.outputs.principalId
    servesClaude: servesClaude
    servesOpenAi: !empty(openAiDeployments)
  }
  dependsOn: [
    models
  ]
}

// One Foundry resource has three host names.
var modelZones = {
  cognitiveServices: 'privatelink.cognitiveservices.azure.com'
  openAi: 'privatelink.openai.azure.com'
  foundry: 'privatelink.services.ai.azure.com'
}
var zones = union(
  {
    blob: 'privatelink.blob.${environment().suffixes.storage}'
    table: 'privatelink.table.${environment().suffixes.storage}'
    namespace: 'privatelink.servicebus.windows.net'
    vault: 'privatelink.vaultcore.azure.net'
    sites: 'privatelink.azurewebsites.net'
  },
  createsModels ? modelZones : {}
)

var zoneGroups = objectKeys(zones)

module network 'modules/network.bicep' = if (privateNetwork) {
  params: {
    name: '${appName}-${environmentName}'
    location: location
    tags: tags
    addressPrefix: networkPrefix
    zones: map(zoneGroups, group => zones[group])
  }
}

// Which parts of the resources have an endpoint. Bicep must know the names of a loop before the deployment, so the ids stand apart.
var endpointGroups = ['blob', 'table', 'namespace', 'vault']
var endpointResourceIds = {
  blob: storage.outputs.accountId
  table: storage.outputs.accountId
  namespace: serviceBus.outputs.namespaceId
  vault: keyVault.outputs.vaultId
}

// The app starts when it can reach what it needs.
module privateEndpoints 'modules/private-endpoint.bicep' = [
  for group in endpointGroups: if (privateNetwork) {
    name: 'private-endpoint-${group}'
    params: {
      name: '${appName}-${environmentName}-${group}'
      location: location
      tags: tags
      groupId: group
      resourceId: endpointResourceIds[group]
      subnetId: network!.outputs.endpointSubnetId
      zoneIds: [network!.outputs.zoneIds[indexOf(zoneGroups, group)]]
    }
  }
]

module modelEndpoint 'modules/private-endpoint.bicep' = if (privateNetwork && createsModels) {
  params: {
    name: '${appName}-${environmentName}-models'
    location: location
    tags: tags
    groupId: 'account'
    resourceId: models!.outputs.accountId
    subnetId: network!.outputs.endpointSubnetId
    zoneIds: map(objectKeys(modelZones), zone => network!.outputs.zoneIds[indexOf(zoneGroups, zone)])
  }
}

module roles 'modules/roles.bicep' = {
  params: {
    identityName: names.identity
    principalId: identity.outputs.principalId
    storageAccountName: names.storage
    serviceBusNamespaceName: names.serviceBus
    keyVaultName: names.keyVault
    applicationInsightsName: 'appi-${names.monitoring}'
  }
  dependsOn: [
    monitoring
    storage
    serviceBus
    keyVault
  ]
}

module functionApp 'modules/function-app.bicep' = {
  params: {
    name: names.functionApp
    location: location
    tags: tags
    nodeVersion: nodeVersion
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    alwaysReadyHttp: alwaysReadyHttp
    alwaysReadyIngest: alwaysReadyIngest
    httpConcurrency: httpConcurrency
    siteUpdateStrategy: siteUpdateStrategy
    zoneRedundant: zoneRedundant
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    publicAccess: !(privateNetwork && privateInbound)
    entraClientId: entraClientId
    identityName: names.identity
    identityClientId: identity.outputs.clientId
    storageAccountName: names.storage
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    workspaceId: monitoring.outputs.workspaceId
    settings: union(
      {
        APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.connectionString
        ServiceBusConnection__fullyQualifiedNamespace: serviceBus.outputs.fullyQualifiedNamespace
        TablesConnection__endpoint: storage.outputs.tableEndpoint
        USAGE_QUEUE: serviceBus.outputs.usageQueueName
        JUDGE_QUEUE: serviceBus.outputs.judgeQueueName
        SERVICE_NAME: appName
        ENVIRONMENT: environmentName
        JUDGE_PROVIDER: judgeProvider
        CORS_ORIGINS: join(corsOrigins, ',')
        OTEL_EXPORTER: traces
        // A quarter of the memory is for bodies, of which an instance holds four copies at most.
        MAX_REQUEST_BYTES: string(min(83886080, instanceMemoryMB * 65536))
      },
      traces == 'otlp'
        ? {
            OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint
            // The host sends its spans there, too: ours are below them.
            AzureFunctionsJobHost__telemetryMode: 'OpenTelemetry'
          }
        : {},
      servesClaude
        ? {
            ANTHROPIC_PLATFORM: 'foundry'
            ANTHROPIC_BASE_URL: 'https://${modelAccess!.outputs.subdomain}.services.ai.azure.com/anthropic'
          }
        : {},
      empty(openAiDeployments)
        ? {}
        : {
            AZURE_OPENAI_BASE_URL: 'https://${modelAccess!.outputs.subdomain}.openai.azure.com/openai/v1'
            AZURE_OPENAI_DEPLOYMENTS: string(toObject(
              openAiDeployments,
              deployment => deployment.name,
              deployment => deployment.model
            ))
          },
      limitEmail == null
        ? {}
        : {
            LIMIT_EMAIL_FROM: limitEmail!.from
            LIMIT_EMAIL_TO: join(limitEmail!.to, ',')
          },
      exportUsage
        ? {
            EXPORT_CONTAINER: exportContainer
            ExportConnection__blobServiceUri: storage.outputs.blobEndpoint
          }
        : {},
      keyVault.outputs.references,
      extraSettings
    )
  }
  // The app reads its package, its secrets and its queues from the first second on.
  dependsOn: [
    roles
    privateEndpoints
    modelEndpoint
  ]
}

module appEndpoint 'modules/private-endpoint.bicep' = if (privateNetwork && privateInbound) {
  params: {
    name: '${appName}-${environmentName}-sites'
    location: location
    tags: tags
    groupId: 'sites'
    resourceId: functionApp.outputs.appId
    subnetId: network!.outputs.endpointSubnetId
    zoneIds: [network!.outputs.zoneIds[indexOf(zoneGroups, 'sites')]]
  }
}

module alerts 'modules/alerts.bicep' = {
  params: {
    name: '${appName}-${environmentName}'
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    serviceBusNamespaceId: serviceBus.outputs.namespaceId
    functionAppId: functionApp.outputs.appId
    healthUrl: '${functionApp.outputs.url}/api/health'
    checkHealth: !(privateNetwork && privateInbound)
    emails: alertEmails
    backlog: backlogAlert
    spendAlertUsd: spendAlertUsd
    expectTraffic: expectTraffic
  }
}

module workbook 'modules/workbook.bicep' = {
  params: {
    name: '${appName}-${environmentName}'
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
  }
}

module budget 'modules/budget.bicep' = if (monthlyBudget > 0) {
  params: {
    name: '${appName}-${environmentName}'
    amount: monthlyBudget
    start: budgetStart
    emails: alertEmails
    actionGroupId: alerts.outputs.actionGroupId
  }
}

@description('Where the app answers.')
output functionAppUrl string = functionApp.outputs.url

@description('For `az functionapp deployment source config-zip`.')
output functionAppName string = functionApp.outputs.appName

@description('Where the secrets are set.')
output keyVaultName string = keyVault.outputs.vaultName

@description('For `az servicebus` and for a local process that uses this namespace.')
output serviceBusNamespace string = serviceBus.outputs.fullyQualifiedNamespace

@description('App settings whose values are secrets of the vault.')
output vaultSettings string[] = secretSettings
