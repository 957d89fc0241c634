// A container for the ledger as Parquet files, and who may read it. The app writes there by its role for the account's blobs.

param storageAccountName string
param container string

@description('Object ids of service principals and managed identities that may read the files.')
param readers string[]

// Built-in roles of Azure.
var roleIds = {
  storageBlobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
}

resource storage 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: storageAccountName

  resource blobs 'blobServices' existing = {
    name: 'default'
  }
}

resource files 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = {
  parent: storage::blobs
  name: container
  properties: {
    publicAccess: 'None'
  }
}

resource readerRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for reader in readers: {
    scope: files
    name: guid(files.id, reader, roleIds.storageBlobDataReader)
    properties: {
      principalId: reader
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.storageBlobDataReader)
    }
  }
]
