using '../main.bicep'

// Not to be deployed: the options of the template at once, so that the checks see them together. A private network, models that Azure
// serves, spans by OTLP, e-mails about limits, sign-in, export, availability zones and a budget.
param environmentName = 'prod'
param privateNetwork = true
param privateInbound = true
param zoneRedundant = true
param siteUpdateStrategy = 'RollingUpdate'
param serviceBusCapacity = 2
param instanceMemoryMB = 4096
param httpConcurrency = 32
param maximumInstanceCount = 100
param alwaysReadyHttp = 2
param alwaysReadyIngest = 1
param entraClientId = '00000000-0000-4000-8000-000000000001'
param alertEmails = ['operations@example.com']
param monthlyBudget = 500
param budgetStart = '2026-12-01'
param modelLocation = 'swedencentral'
param modelDeployments = [
  {
    name: 'claude-sonnet-5-5'
    format: 'Anthropic'
    model: 'claude-sonnet-5-5'
  }
  {
    name: 'gpt-5.4-mini'
    format: 'OpenAI'
    model: 'gpt-5.4-mini'
  }
]
param claudeCustomer = {
  organizationName: 'Example'
  countryCode: 'DE'
  industry: 'technology'
}
param limitEmail = {
  from: 'limits@example.com'
  to: ['operations@example.com']
}
param traces = 'otlp'
param otlpEndpoint = 'https://collector.example.com'
param exportUsage = true
param exportReaders = ['00000000-0000-4000-8000-000000000002']
param corsOrigins = ['https://trails.example.com']
param judgeProvider = 'anthropic'
param secretSettings = [
  'PAYI_API_KEY'
  'ACCESS_KEYS'
  'USER_ID_KEY'
  'JUDGE_SEAL_KEY'
  'LIMIT_EMAIL_CONNECTION'
  'OTEL_EXPORTER_OTLP_HEADERS'
]
