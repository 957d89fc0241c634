// What the app's identity may do with models that Azure serves, and where they answer.

@description('A Microsoft Foundry resource in this resource group.')
param accountName string

@description('Names the role assignments, so that they are the same in every deployment.')
param identityName string

param principalId string
param servesClaude bool
param servesOpenAi bool

// Built-in roles of Azure.
var roleIds = {
  cognitiveServicesUser: 'a97b65f3-24c7-4388-baec-2e87135dc908'
  cognitiveServicesOpenAiUser: '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd'
}

resource account 'Microsoft.CognitiveServices/accounts@2026-07-01' existing = {
  name: accountName
}

resource claude 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (servesClaude) {
  scope: account
  name: guid(account.id, identityName, roleIds.cognitiveServicesUser)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.cognitiveServicesUser)
  }
}

resource openAi 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (servesOpenAi) {
  scope: account
  name: guid(account.id, identityName, roleIds.cognitiveServicesOpenAiUser)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roleIds.cognitiveServicesOpenAiUser
    )
  }
}

@description('The first part of its host names, which need not be its name.')
output subdomain string = account.properties.customSubDomainName
