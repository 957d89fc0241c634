// The namespace with its two queues. SAS keys are off: only identities get in.

@maxLength(50)
param name string

param location string
param tags object

// Duplicate detection drops a message that was sent twice by its id; a dead letter keeps what no delivery could settle.
var queueProperties = {
  lockDuration: 'PT5M'
  maxDeliveryCount: 10
  defaultMessageTimeToLive: 'P14D'
  deadLetteringOnMessageExpiration: true
  requiresDuplicateDetection: true
  duplicateDetectionHistoryTimeWindow: 'PT10M'
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
  properties: queueProperties
}

resource judgeJobs 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: 'judge-jobs'
  properties: queueProperties
}

output fullyQualifiedNamespace string = parseUri(namespace.properties.serviceBusEndpoint).host
output usageQueueName string = usageEvents.name
output judgeQueueName string = judgeJobs.name
