import { generateKeyPairSync } from 'node:crypto';
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk';

export const installed = '@anthropic-ai/vertex-sdk';
export const settings = (url) => ({
  ANTHROPIC_BASE_URL: `${url}/v1/projects/project/locations/global`,
  ANTHROPIC_API_KEY: '',
  VERTEX_ACCOUNT_KEY: JSON.stringify({
    client_email: 'trails@project.iam.gserviceaccount.com',
    private_key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }),
    token_uri: `${url}/token`,
  }),
});
export const open = (url) =>
  new AnthropicVertex({
    baseURL: `${url}/v1`,
    region: 'global',
    projectId: 'project',
    authClient: {
      getRequestHeaders: async () => new Headers({ authorization: 'Bearer google-token' }),
    },
  });
