// The function app on a Flex Consumption plan of its own, with the identity that it is given.

@maxLength(60)
param name string

param location string
param tags object
param nodeVersion string
param maximumInstanceCount int
param instanceMemoryMB int
param alwaysReadyHttp int
param alwaysReadyIngest int
param httpConcurrency int
param identityName string
param identityClientId string
param storageAccountName string
param deploymentContainerUrl string

@description('Log Analytics workspace that keeps the platform\'s own logs and metrics.')
param workspaceId string

@description('Subnet, delegated to Microsoft.App/environments, from which the app calls others; empty for none.')
param subnetId string

@description('Off: only a private endpoint leads to the app.')
param publicAccess bool

@description('How running instances are replaced by a deployment.')
@allowed(['Recreate', 'RollingUpdate'])
param siteUpdateStrategy string

@description('Instances in several availability zones.')
param zoneRedundant bool

@description('Application (client) id of the Microsoft Entra app registration that signs people in; empty for none.')
param entraClientId string

@description('App settings by name, in addition to those of the platform. Secrets only as Key Vault references.')
param settings object

var platformSettings = {
  AzureWebJobsStorage__accountName: storageAccountName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  ServiceBusConnection__credential: 'managedidentity'
  ServiceBusConnection__clientId: identityClientId
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  // What the Azure SDKs in the app go by.
  AZURE_CLIENT_ID: identityClientId
  // What large bodies and pictures may take: a quarter each, so that the host and everything else have half.
  REQUEST_MEMORY_MB: string(instanceMemoryMB / 4)
  PICTURE_MEMORY_MB: string(instanceMemoryMB / 4)
  // glibc raises these by itself, and then keeps what pictures took: hundreds of megabytes.
  MALLOC_ARENA_MAX: '2'
  MALLOC_MMAP_THRESHOLD_: '1048576'
  MALLOC_TRIM_THRESHOLD_: '1048576'
  // The host passes on 32 KiB of headers; by default Node's server takes 16 KiB, and a request above it is never answered.
  // NODE_OPTIONS comes too late for a worker that the platform keeps ready before it knows the app. With arguments of its own the
  // host starts a fresh worker (Azure/azure-functions-host#7139), which costs a cold start some hundred milliseconds.
  languageWorkers__node__arguments: '--max-http-header-size=65536'
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    keyVaultReferenceIdentity: identity.id
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: {
        name: 'node'
        version: nodeVersion
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
        alwaysReady: filter(
          [
            {
              name: 'http'
              instanceCount: alwaysReadyHttp
            }
            {
              name: 'function:ingest-usage'
              instanceCount: alwaysReadyIngest
            }
          ],
          group => group.instanceCount > 0
        )
        triggers: {
          http: {
            perInstanceConcurrency: httpConcurrency
          }
        }
      }
      #disable-next-line BCP037 // Part of the service since 2025; the type definition lacks it.
      siteUpdateStrategy: {
        type: siteUpdateStrategy
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
    }
  }

  // Passwords for publishing are off: deployments use Microsoft Entra identities.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(settings, platformSettings)
  }

  // The platform signs people in and removes its headers from what clients send. Requests without a sign-in pass: access keys and
  // tokens are checked by the app.
  resource authentication 'config' = if (!empty(entraClientId)) {
    name: 'authsettingsV2'
    properties: {
      platform: {
        enabled: true
      }
      globalValidation: {
        requireAuthentication: false
        unauthenticatedClientAction: 'AllowAnonymous'
      }
      httpSettings: {
        requireHttps: true
      }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: entraClientId
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
          }
          validation: {
            allowedAudiences: [
              entraClientId
              'api://${entraClientId}'
            ]
          }
        }
      }
      login: {
        tokenStore: {
          enabled: false
        }
      }
    }
  }
}

// Requests, executions and instances. What the host and the app log is in Application Insights: a second copy would cost as much again.
#disable-next-line use-recent-api-versions // The stable version of 2016 has no category groups and no Log Analytics tables of their own.
resource platformMetrics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output appId string = app.id
output appName string = app.name
output url string = 'https://${app.properties.defaultHostName}'
