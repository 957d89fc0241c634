// The secrets of other companies and of our callers. This template makes the vault; a person sets the secrets.

@minLength(3)
@maxLength(24)
param name string

param location string
param tags object
param purgeProtection bool

@description('Log Analytics workspace that keeps the platform\'s own logs and metrics.')
param workspaceId string

@description('App settings whose values are secrets of this vault. PAYI_API_KEY is payi-api-key there.')
param secretSettings string[]

@description('Off: only private endpoints lead to the vault. Secrets are then set from inside the network.')
param publicAccess bool

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      defaultAction: publicAccess ? 'Allow' : 'Deny'
      bypass: 'None'
    }
    enablePurgeProtection: purgeProtection ? true : null
  }
}

// Who read, set or deleted which secret.
#disable-next-line use-recent-api-versions // The stable version of 2016 has no category groups and no Log Analytics tables of their own.
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
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

output vaultId string = vault.id
output vaultName string = vault.name

@description('App settings that the platform replaces by the secrets they name.')
output references object = toObject(
  secretSettings,
  setting => setting,
  setting => '@Microsoft.KeyVault(SecretUri=${vault.properties.vaultUri}secrets/${toLower(replace(setting, '_', '-'))})'
)
