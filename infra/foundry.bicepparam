using 'main.bicep'

// Production in which Azure serves the models: Claude of Microsoft Foundry, and Azure OpenAI. The app calls them with its identity, so
// that there is no key of a model provider. By deploying Claude you accept Anthropic's commercial terms for your organization.
param environmentName = 'prod'
// Not every region has Claude.
param modelLocation = 'swedencentral'
param modelDeployments = [
  {
    name: 'claude-sonnet-5-5'
    format: 'Anthropic'
    model: 'claude-sonnet-5-5'
  }
  {
    name: 'claude-haiku-5-5'
    format: 'Anthropic'
    model: 'claude-haiku-5-5'
  }
  {
    name: 'gpt-5.4-mini'
    format: 'OpenAI'
    model: 'gpt-5.4-mini'
  }
]
param claudeCustomer = {
  organizationName: readEnvironmentVariable('CLAUDE_ORGANIZATION_NAME')
  countryCode: readEnvironmentVariable('CLAUDE_COUNTRY_CODE')
  industry: readEnvironmentVariable('CLAUDE_INDUSTRY')
}
param maximumInstanceCount = 100
param alwaysReadyHttp = 1
param alwaysReadyIngest = 1
param storageSku = 'Standard_ZRS'
param logRetentionDays = 90
param logDailyCapGb = 10
param traces = 'azure-monitor'
param judgeProvider = 'anthropic'
param secretSettings = [
  'PAYI_API_KEY'
  'ACCESS_KEYS'
  'USER_ID_KEY'
  'JUDGE_SEAL_KEY'
]
