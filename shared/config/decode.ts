import type { z } from 'zod';
import { describeIssue } from '../util/describe-issue.ts';
import { type Settings, SettingsError, settingsSchema } from './settings.ts';

/** An example for each setting that has no default of its own, for the text of a refusal. */
const examples: Record<string, string> = {
  ServiceBusConnection:
    'Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true',
  ServiceBusConnection__fullyQualifiedNamespace: 'my-namespace.servicebus.windows.net',
  TablesConnection: 'UseDevelopmentStorage=true',
  TablesConnection__endpoint: 'https://myaccount.table.core.windows.net',
  EXPORT_CONTAINER: 'usage-export',
  ExportConnection: 'UseDevelopmentStorage=true',
  ExportConnection__blobServiceUri: 'https://myaccount.blob.core.windows.net',
  PAYI_API_KEY: 'the application key of your Pay-i application',
  ANTHROPIC_API_KEY: 'sk-ant-…',
  PAYI_BASE_URL: 'https://api.pay-i.com',
  ANTHROPIC_BASE_URL:
    'https://my-resource.services.ai.azure.com/anthropic (foundry), https://aiplatform.googleapis.com/v1/projects/my-project/locations/global (vertex), https://bedrock-mantle.us-east-1.api.aws/anthropic (bedrock)',
  AWS_REGION: 'us-east-1',
  VERTEX_ACCOUNT_KEY:
    '{"client_email":"name@my-project.iam.gserviceaccount.com","private_key":"-----BEGIN PRIVATE KEY-----…"}',
  LIMITS: '[{"name":"daily-budget","scope":"global","window":"day","maxUsd":50,"type":"block"}]',
  ACCESS_KEYS: '{"front-end":{"key":"at-least-16-characters","role":"user"}}',
  MODEL_ALIASES: '{"claude-sonnet-4-20250514":"claude-sonnet-5-5"}',
  MODEL_PRICES:
    '[{"provider":"anthropic","models":["claude-sonnet-5-5"],"source":"contract 2026-07","from":"2026-07-01","prices":{"input":1.8,"output":9}}]',
  AZURE_OPENAI_BASE_URL: 'https://my-resource.openai.azure.com/openai/v1',
  AZURE_OPENAI_DEPLOYMENTS: '{"chat":"gpt-4.1"}',
  JWT_ISSUERS:
    '[{"issuer":"https://login.microsoftonline.com/TENANT/v2.0","audience":"CLIENT-ID","jwksUrl":"https://login.microsoftonline.com/TENANT/discovery/v2.0/keys","user":"oid"}]',
  CORS_ORIGINS: 'https://trails.example.com,http://localhost:3636',
  DEV_IDENTITY: 'developer:admin',
  JUDGE_SEAL_KEY: '32 random bytes in base64, e.g. from: openssl rand -base64 32',
  MODEL_DEADLINE_MS: '200000',
  JUDGE_PROVIDER: 'anthropic',
  APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=…;IngestionEndpoint=https://…',
  REQUEST_MEMORY_MB: '512',
  PICTURE_MEMORY_MB: '512',
};

/** Settings whose value is never printed. The address of a webhook mostly holds its token. */
const secret = /KEY|CONNECTION|SECRET|TOKEN|WEBHOOK/i;
export const isSecretName = (name: string): boolean => secret.test(name);

/** Keys of the judge's providers beside Anthropic, whose key is always needed. */
const judgeKeys: Record<string, string[]> = {
  openai: ['OPENAI_API_KEY'],
  google: ['GOOGLE_API_KEY', 'GOOGLE_AI_API_KEY'],
  xai: ['XAI_API_KEY'],
};

/** What a platform of Claude needs in place of Anthropic's key. */
const platformNeeds: Record<string, string[][]> = {
  foundry: [['ANTHROPIC_BASE_URL']],
  vertex: [['ANTHROPIC_BASE_URL'], ['VERTEX_ACCOUNT_KEY']],
  bedrock: [
    ['ANTHROPIC_BASE_URL'],
    ['AWS_ACCESS_KEY_ID', 'ANTHROPIC_API_KEY'],
    ['AWS_SECRET_ACCESS_KEY', 'ANTHROPIC_API_KEY'],
    ['AWS_REGION', 'ANTHROPIC_API_KEY'],
  ],
};

/**
 * Decodes the environment into settings.
 * @throws SettingsError naming every wrong or missing setting, what it got (masked if secret) and an example.
 */
export function decodeSettings(environment: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  // Decoded once: to compile the schema first would take longer than to walk through it.
  const decoded = settingsSchema.safeParse(given, { error: describeIssue, jitless: true });
  const wrongOnes = decoded.success ? [] : decoded.error.issues.map((issue) => wrong(issue, given));
  const problems = [...unresolved(given), ...wrongOnes, ...missing(given), ...unsafe(given)];
  if (!decoded.success || problems.length > 0) throw new SettingsError(problems);
  return decoded.data;
}

function wrong(issue: z.core.$ZodIssue, given: Record<string, string | undefined>): string {
  const name = String(issue.path[0]);
  const value = given[name] ?? '';
  const got = isSecretName(name) ? `a text of ${value.length} characters` : JSON.stringify(value.slice(0, 200));
  const where = issue.path.length > 1 ? ` at ${issue.path.slice(1).join('.')}` : '';
  return `- ${name}${where}: ${issue.message}; got ${got}${example(name)}`;
}

/** The default of a setting is an example of it. */
function example(name: string): string {
  const otherwise = (settingsSchema.parse({}) as Record<string, unknown>)[name];
  const text = examples[name] ?? (otherwise === undefined ? undefined : String(otherwise));
  return text ? `; example: ${text}` : '';
}

/** Azure hands over the text of a reference itself when it cannot read the secret: it must not pass for the secret. */
function unresolved(given: Record<string, string | undefined>): string[] {
  return Object.keys(settingsSchema.shape)
    .filter((name) => given[name]?.startsWith('@Microsoft.KeyVault('))
    .map(
      (name) =>
        `- ${name}: its secret is not in the Key Vault, or the app may not read it; set it, then restart the app`,
    );
}

/** The platform sets `WEBSITE_SITE_NAME` in Azure alone. */
function unsafe(given: Record<string, string | undefined>): string[] {
  if (!given['DEV_IDENTITY']) return [];
  const isProduction = /^prod(uction)?$/i.test(given['ENVIRONMENT']?.trim() ?? '');
  const where = given['WEBSITE_SITE_NAME']
    ? 'in Azure'
    : isProduction
      ? `with ENVIRONMENT=${given['ENVIRONMENT']}`
      : '';
  return where ? [`- DEV_IDENTITY: lets everybody in without a key, so it cannot be set ${where}; remove it`] : [];
}

/** All of them or none. */
const email = ['LIMIT_EMAIL_CONNECTION', 'LIMIT_EMAIL_FROM', 'LIMIT_EMAIL_TO'];

function missing(given: Record<string, string | undefined>): string[] {
  const judge = given['JUDGE_PROVIDER'] ?? 'none';
  const needed = [
    ['ServiceBusConnection', 'ServiceBusConnection__fullyQualifiedNamespace'],
    ['TablesConnection', 'TablesConnection__endpoint'],
    ['PAYI_API_KEY'],
    ...(given['EXPORT_CONTAINER']?.trim() ? [['ExportConnection', 'ExportConnection__blobServiceUri']] : []),
    ...(platformNeeds[given['ANTHROPIC_PLATFORM'] ?? ''] ?? [['ANTHROPIC_API_KEY']]),
    ...(judge === 'none' ? [] : [['JUDGE_SEAL_KEY']]),
    ...(judgeKeys[judge] ? [judgeKeys[judge]] : []),
    ...(given['OTEL_EXPORTER'] === 'azure-monitor' ? [['APPLICATIONINSIGHTS_CONNECTION_STRING']] : []),
    ...(email.some((name) => given[name]?.trim()) ? email.map((name) => [name]) : []),
  ];
  return needed
    .filter((names) => names.every((name) => !given[name]?.trim()))
    .map(([name = '']) => `- ${name}: is missing${example(name)}`);
}
