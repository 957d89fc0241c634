// The namespace with its two queues. SAS keys are off: only identities get in.

@maxLength(50)
param name string

param location string
param tags object

@description('Log Analytics workspace that keeps the platform\'s own logs and metrics.')
param workspaceId string

// A lock outlives every batch: that ends itself, and the host ends its function (host.json), before the lock ends.
// What no delivery could settle stays as a dead letter.
var queueProperties = {
  lockDuration: 'PT5M'
  defaultMessageTimeToLive: 'P14D'
  deadLetteringOnMessageExpiration: true
  maxSizeInMegabytes: 5120
}

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Standard'
    tier: 'Standard'
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

resource usageEvents 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
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

resource judgeJobs 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: 'judge-jobs'
  properties: {
    ...queueProperties
    maxDeliveryCount: 5
  }
}

// Changes of the namespace and its queues; how many messages wait, came, went and died.
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
output usageQueueName string = usageEvents.name
output judgeQueueName string = judgeJobs.name
