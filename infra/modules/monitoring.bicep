// Logs, traces and metrics. Only Microsoft Entra identities may send them.

@description('Part of the names of both resources.')
param name string

param location string
param tags object

@description('Days that logs are kept.')
param retentionDays int

@description('Most gigabytes a day; -1 for no cap.')
param dailyCapGb int

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: 'log-${name}'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionDays
    workspaceCapping: {
      dailyQuotaGb: dailyCapGb
    }
    features: {
      disableLocalAuth: true
    }
  }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${name}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

output applicationInsightsId string = applicationInsights.id
output workspaceId string = workspace.id

@description('Names the endpoint; with local authentication off it lets nobody in.')
output connectionString string = applicationInsights.properties.ConnectionString
