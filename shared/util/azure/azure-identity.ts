// Loaded when it is needed; a file of its own in the package.
export { DefaultAzureCredential, getBearerTokenProvider } from '@azure/identity';
