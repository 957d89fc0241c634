// Models that Azure serves: one Microsoft Foundry resource with a deployment for each. Keys are off: only identities get in.

@minLength(2)
@maxLength(64)
param name string

@description('A region that has the models. Claude is in few.')
param location string

param tags object

@description('Log Analytics workspace that keeps the platform\'s own logs and metrics.')
param workspaceId string

@description('Off: only a private endpoint leads to the models.')
param publicAccess bool

param deployments modelDeployment[]

@description('Needed by deployments of Claude.')
param claudeCustomer customer?

@export()
@description('A model that Azure serves under a name.')
type modelDeployment = {
  @description('Name of the deployment, which callers give as the model. That of Claude must be the name of its model.')
  name: string

  @description('Who made the model: it decides which gateway passes its calls on.')
  format: 'Anthropic' | 'OpenAI'

  @description('By which its prices go, e.g. claude-sonnet-5-5.')
  model: string

  @description('Default: the one that Azure recommends.')
  version: string?

  @description('Default: GlobalStandard, whose prices the app has.')
  sku: string?

  @description('Quota that the deployment takes, in thousands of tokens a minute. Default: 50.')
  capacity: int?
}

@export()
@description('Who the customer of Anthropic is. It is sent to Anthropic, whose commercial terms the deployment accepts.')
type customer = {
  organizationName: string

  @description('Two letters, e.g. DE.')
  @minLength(2)
  @maxLength(2)
  countryCode: string

  @description('E.g. technology.')
  industry: string
}

resource account 'Microsoft.CognitiveServices/accounts@2026-07-01' = {
  name: name
  location: location
  tags: tags
  kind: 'AIServices'
  sku: {
    name: 'S0'
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    // Part of the host name: tokens of Microsoft Entra are taken there alone.
    customSubDomainName: name
    disableLocalAuth: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

// One after the other: the service refuses deployments of one resource at once.
@batchSize(1)
#disable-next-line use-recent-api-versions // Preview, since the stable versions have no members for the customer of a model.
resource served 'Microsoft.CognitiveServices/accounts/deployments@2026-07-15-preview' = [
  for deployment in deployments: {
    parent: account
    name: deployment.name
    sku: {
      name: deployment.?sku ?? 'GlobalStandard'
      capacity: deployment.?capacity ?? 50
    }
    properties: {
      model: {
        format: deployment.format
        name: deployment.model
        version: deployment.?version
      }
      #disable-next-line BCP037 // Part of the service; the type definition lacks it.
      modelProviderData: deployment.format == 'Anthropic' ? claudeCustomer : null
    }
  }
]

// Who changed the resource. Requests are counted in the metrics; what they say is in no log.
#disable-next-line use-recent-api-versions // The stable version of 2016 has no category groups and no Log Analytics tables of their own.
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'audit'
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

output accountId string = account.id
