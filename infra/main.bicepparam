using 'main.bicep'

param environmentName = 'dev'
// A deployment for trying things out can be deleted and made again under the same name.
param purgeProtection = false
