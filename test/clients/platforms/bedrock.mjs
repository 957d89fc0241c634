import { AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk';

const [keyId, secret] = ['AKID', 'a-secret-of-aws'];

export const installed = '@anthropic-ai/bedrock-sdk';
/** What its signatures are made with. */
export const signedWith = secret;
export const settings = (url) => ({
  ANTHROPIC_BASE_URL: `${url}/anthropic`,
  ANTHROPIC_API_KEY: '',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: keyId,
  AWS_SECRET_ACCESS_KEY: secret,
});
export const open = (url) =>
  new AnthropicBedrockMantle({
    baseURL: `${url}/anthropic`,
    awsRegion: 'us-east-1',
    awsAccessKey: keyId,
    awsSecretAccessKey: secret,
  });
