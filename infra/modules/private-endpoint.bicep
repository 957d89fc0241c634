// An address in the private network that leads to one part of one resource, and its names in the zones of that service.

param name string
param location string
param tags object
param resourceId string

@description('Which part of the resource, e.g. `table` of a storage account.')
param groupId string

param subnetId string

@description('Private DNS zones, one for each host name of the part.')
param zoneIds string[]

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: 'pe-${name}'
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: name
        properties: {
          privateLinkServiceId: resourceId
          groupIds: [groupId]
        }
      }
    ]
  }

  resource zoneGroup 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        for (zoneId, index) in zoneIds: {
          name: index == 0 ? groupId : '${groupId}-${index}'
          properties: {
            #disable-next-line use-resource-id-functions // Each is of a parameter.
            privateDnsZoneId: zoneId
          }
        }
      ]
    }
  }
}
