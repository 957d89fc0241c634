// What somebody must know of. Each alert has a heading of its name in docs/operations.md.

param name string
param location string
param tags object
param workspaceId string
param serviceBusNamespaceId string
param functionAppId string
param applicationInsightsId string

@description('Where the health check asks.')
param healthUrl string

@description('Off for an app that the internet does not reach.')
param checkHealth bool

@description('E-mail addresses that alerts go to.')
param emails string[]

@description('Messages of the queue that may wait.')
param backlog int

@description('USD that the calls of an hour may cost, by our own prices.')
param spendAlertUsd int

@description('Off: a day without events is no reason for an alert.')
param expectTraffic bool

var runbook = 'See docs/operations.md.'
var logAlerts = filter(loadJsonContent('../alerts.json'), alert => expectTraffic || alert.name != 'no-events')
// For alerts without a query of their own.
var eventQueries = map(logAlerts, alert => 'where tostring(line.event) in (\'${join(alert.events, '\', \'')}\')')

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${name}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: take(replace(name, '-', ''), 12)
    enabled: true
    emailReceivers: [
      for (email, index) in emails: {
        name: 'mail-${index}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

// The app's log lines are JSON in the message of a trace.
resource lines 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for (alert, index) in logAlerts: {
    name: '${name}-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${name}: ${alert.name}'
      description: '${alert.description} ${runbook}'
      severity: alert.severity
      enabled: true
      scopes: [workspaceId]
      // A day is looked at each hour.
      evaluationFrequency: alert.minutes == 1440 ? 'PT1H' : 'PT5M'
      windowSize: alert.minutes == 1440 ? 'P1D' : 'PT${alert.minutes}M'
      criteria: {
        allOf: [
          {
            query: 'AppTraces | extend line = parse_json(Message) | ${replace(alert.?query ?? eventQueries[index], '{spendAlertUsd}', string(spendAlertUsd))}'
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: alert.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      autoMitigate: true
      actions: {
        actionGroups: [group.id]
      }
    }
  }
]

var metricAlerts = [
  {
    name: 'dead-letters'
    description: 'A queue has dead letters. `npm run dead-letters -- list` shows why.'
    severity: 2
    scope: serviceBusNamespaceId
    metric: 'DeadletteredMessages'
    metricNamespace: 'Microsoft.ServiceBus/namespaces'
    aggregation: 'Maximum'
    threshold: 0
    dimensions: ['EntityName']
  }
  {
    name: 'backlog'
    description: 'Messages wait in a queue: Pay-i is away, or the app does not scale out.'
    severity: 2
    scope: serviceBusNamespaceId
    metric: 'ActiveMessages'
    metricNamespace: 'Microsoft.ServiceBus/namespaces'
    aggregation: 'Minimum'
    threshold: backlog
    dimensions: ['EntityName']
  }
  {
    name: 'server-errors'
    description: 'The app answers with 5xx.'
    severity: 2
    scope: functionAppId
    metric: 'Http5xx'
    metricNamespace: 'Microsoft.Web/sites'
    aggregation: 'Total'
    threshold: 20
    dimensions: []
  }
]

resource metrics 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for alert in metricAlerts: {
    name: '${name}-${alert.name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${alert.description} ${runbook}'
      severity: alert.severity
      enabled: true
      scopes: [alert.scope]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: alert.name
            metricNamespace: alert.metricNamespace
            metricName: alert.metric
            timeAggregation: alert.aggregation
            operator: 'GreaterThan'
            threshold: alert.threshold
            dimensions: map(alert.dimensions, dimension => {
              name: dimension
              operator: 'Include'
              values: ['*']
            })
          }
        ]
      }
      actions: [
        {
          actionGroupId: group.id
        }
      ]
    }
  }
]

// Service Bus has no metric for the age of a message. Where messages wait and none is completed, the oldest one gets older.
resource notReceived 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: '${name}-not-received'
  location: 'global'
  tags: tags
  properties: {
    description: 'Usage events wait, and none was received for 15 minutes. ${runbook}'
    severity: 1
    enabled: true
    scopes: [serviceBusNamespaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'waiting'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          metricName: 'ActiveMessages'
          timeAggregation: 'Minimum'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: [
            {
              name: 'EntityName'
              operator: 'Include'
              values: ['usage-events']
            }
          ]
        }
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'completed'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          metricName: 'CompleteMessage'
          timeAggregation: 'Total'
          operator: 'LessThan'
          threshold: 1
          dimensions: [
            {
              name: 'EntityName'
              operator: 'Include'
              values: ['usage-events']
            }
          ]
        }
      ]
    }
    actions: [
      {
        actionGroupId: group.id
      }
    ]
  }
}

// Asks /api/health from three places.
resource health 'Microsoft.Insights/webtests@2022-06-15' = if (checkHealth) {
  name: 'health-${name}'
  location: location
  tags: union(tags, { 'hidden-link:${applicationInsightsId}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'health-${name}'
    Name: 'health-${name}'
    Kind: 'standard'
    Enabled: true
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [
      { Id: 'emea-nl-ams-azr' }
      { Id: 'us-va-ash-azr' }
      { Id: 'apac-sg-sin-azr' }
    ]
    Request: {
      HttpVerb: 'GET'
      RequestUrl: healthUrl
      ParseDependentRequests: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 7
    }
  }
}

resource unhealthy 'Microsoft.Insights/metricAlerts@2026-01-01' = if (checkHealth) {
  name: '${name}-unavailable'
  location: 'global'
  tags: tags
  properties: {
    description: '/api/health fails from two of three places. ${runbook}'
    severity: 1
    enabled: true
    scopes: [health.id, applicationInsightsId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: health.id
      componentId: applicationInsightsId
      failedLocationCount: 2
    }
    actions: [
      {
        actionGroupId: group.id
      }
    ]
  }
}

output actionGroupId string = group.id
