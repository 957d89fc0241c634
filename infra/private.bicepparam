using 'main.bicep'

// Production in a private network: nothing but the virtual network reaches storage, Service Bus, the vault and the app.
param environmentName = 'prod'
param privateNetwork = true
param privateInbound = true
param maximumInstanceCount = 100
param alwaysReadyHttp = 2
param alwaysReadyIngest = 1
param storageSku = 'Standard_ZRS'
param logRetentionDays = 90
param logDailyCapGb = 10
param judgeProvider = 'anthropic'
param secretSettings = [
  'PAYI_API_KEY'
  'ANTHROPIC_API_KEY'
  'ACCESS_KEYS'
  'USER_ID_KEY'
  'JUDGE_SEAL_KEY'
]
