using 'main.bicep'

param environmentName = 'prod'
param maximumInstanceCount = 100
param alwaysReadyHttp = 1
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
