// The namespace with its two queues. SAS keys are off: only identities get in.

@maxLength(50)
param name string

param location string
param tags object

@description('Log Analytics workspace that keeps the platform\'s own logs and metrics.')
param workspaceId string

@description('Premium for a private network, for its capacity of its own and for zone redundancy (built in there).')
@allowed(['Standard', 'Premium'])
param sku string

@description('Messaging units of Premium.')
@allowed([1, 2, 4, 8, 16])
param capacity int

@description('Off: only private endpoints lead to the namespace.')
param publicAccess bool

// A lock outlives every batch: that ends itself, and the host ends its function (host.json), before the lock ends.
// What no delivery could settle stays as a dead letter.
var queueProperties = {
  lockDuration: 'PT5M'
  defaultMessageTimeToLive: 'P14D'
  deadLetteringOnMessageExpiration: true
  maxSizeInMegabytes: 5120
}

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: sku
    tier: sku
    capacity: sku == 'Premium' ? capacity : null
  }
  properties: {
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

resource usageEvents 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = {
  parent: namespace
  name: 'usage-events'
  properties: {
    ...queueProperties
    maxDeliveryCount: 10
    // A message that was sent twice by its id is dropped.
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: 'PT10M'
  }
}

resource judgeJobs 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = {
  parent: namespace
  name: 'judge-jobs'
  properties: {
    ...queueProperties
    maxDeliveryCount: 5
  }
}

// Changes of the namespace and its queues; how many messages wait, came, went and died.
#disable-next-line use-recent-api-versions // The stable version of 2016 has no category groups and no Log Analytics tables of their own.
resource operations 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: namespace
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'OperationalLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output fullyQualifiedNamespace string = parseUri(namespace.properties.serviceBusEndpoint).host
output namespaceId string = namespace.id
output usageQueueName string = usageEvents.name
output judgeQueueName string = judgeJobs.name
