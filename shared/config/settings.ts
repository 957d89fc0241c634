import { z } from 'zod';
import { TrailmeterError } from '../errors/trailmeter-error.ts';
import { emailConnectionPattern } from '../limits/alerts/alert-email.ts';
import { ownPriceRows } from '../pricing/own-prices.ts';
import { jsonText } from '../util/json/json-text.ts';
import { identityOrder, platformBoolean, tokenIssuers } from './identity-settings.ts';
import {
  accessKeys,
  alertTargets,
  booleanText,
  commaSeparated,
  googleAccountKey,
  optionalSetting,
  optionalWholeNumber,
  policies,
  propertyNames,
  textLike,
  wholeNumber,
} from './kinds.ts';

/** The most that one call of Pay-i or Service Bus may take, in ms: a batch of the queue has to end before its locks. */
export const CALL_MS = 60_000;

const SHARE = 'is not a number from 0 to 1';

/**
 * Every setting of the app, by the name of its environment variable (an app setting in Azure). Decoded once at start.
 * The README has a line for each; `local.settings.example.json` has them all.
 */
export const settingsSchema = z.object({
  // Azure services. Each connection is a connection string, or (managed identity) the setting with the suffix.
  ServiceBusConnection: textLike(/\bEndpoint=sb:\/\//i, 'is not a connection string of a Service Bus namespace'),
  ServiceBusConnection__fullyQualifiedNamespace: textLike(/^[\w.-]+$/, 'is not a host name'),
  TablesConnection: textLike(
    /\b(AccountName|TableEndpoint|UseDevelopmentStorage)=/i,
    'is not a connection string of a storage account',
  ),
  TablesConnection__endpoint: textLike(/^https?:\/\/./, 'is not a URL'),
  TABLE_PREFIX: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]{0,20}$/)
    .default('trailmeter'),
  USAGE_QUEUE: z.string().min(1).default('usage-events'),
  JUDGE_QUEUE: z.string().min(1).default('judge-jobs'),
  PUBLISH_TIMEOUT_MS: wholeNumber(5_000, 1, CALL_MS),

  // Pay-i
  PAYI_BASE_URL: z.url().default('https://api.pay-i.com'),
  PAYI_API_KEY: optionalSetting(),
  /** How requests to Pay-i are spelled: as its API takes them, or as its integration guide shows them. */
  PAYI_API_DIALECT: z.enum(['live', 'guide']).default('live'),
  PAYI_INGEST_MODE: z.enum(['auto', 'bulk-upsert', 'bulk', 'single']).default('auto'),
  PAYI_TIMEOUT_MS: wholeNumber(20_000, 1, CALL_MS),
  PAYI_BATCH_ITEMS: wholeNumber(200, 1, 1_000),
  PAYI_BATCH_BYTES: wholeNumber(1_000_000, 10_000, 100_000_000),

  // Model providers
  /** Who serves Claude: Anthropic, Microsoft Foundry with a key or the managed identity, Google's Vertex AI, or Amazon Bedrock. */
  ANTHROPIC_PLATFORM: z.enum(['anthropic', 'foundry', 'vertex', 'bedrock']).default('anthropic'),
  /** Deployments of Microsoft Foundry that are of a data zone, which costs more. */
  FOUNDRY_DATA_ZONE_DEPLOYMENTS: commaSeparated(),
  VERTEX_ACCOUNT_KEY: googleAccountKey(),
  AWS_REGION: optionalSetting(),
  AWS_ACCESS_KEY_ID: optionalSetting(),
  AWS_SECRET_ACCESS_KEY: optionalSetting(),
  AWS_SESSION_TOKEN: optionalSetting(),
  ANTHROPIC_API_KEY: optionalSetting(),
  ANTHROPIC_BASE_URL: z.url().default('https://api.anthropic.com'),
  /** A key of Anthropic's Admin API, and the ids of the keys (`apikey_…`) by which the app calls: for `npm run reconcile`. */
  ANTHROPIC_ADMIN_API_KEY: optionalSetting(),
  ANTHROPIC_API_KEY_IDS: commaSeparated(),
  /** Whether the gateway passes the Files API on. */
  ANTHROPIC_FILES: booleanText(false),
  OPENAI_API_KEY: optionalSetting(),
  OPENAI_BASE_URL: z.url().default('https://api.openai.com/v1'),
  /** The address of an Azure OpenAI resource with `/openai/v1`, and its deployments by name with their models: `{"chat":"gpt-4.1"}`. */
  AZURE_OPENAI_BASE_URL: z.url().optional(),
  AZURE_OPENAI_API_KEY: optionalSetting(),
  AZURE_OPENAI_DEPLOYMENTS: jsonText(z.record(z.string(), z.string().min(1))).default({}),
  GOOGLE_API_KEY: optionalSetting(),
  GOOGLE_AI_API_KEY: optionalSetting(),
  GOOGLE_BASE_URL: z.url().default('https://generativelanguage.googleapis.com/v1beta/openai'),
  XAI_API_KEY: optionalSetting(),
  XAI_BASE_URL: z.url().default('https://api.x.ai/v1'),
  /** The whole of one request's model work; below the 230 s after which Azure's front end gives up. */
  MODEL_DEADLINE_MS: wholeNumber(200_000, 1_000, 220_000),
  MODEL_ANALYSIS: z.string().min(1).default('claude-sonnet-5-5'),
  MODEL_FINDER: z.string().min(1).default('claude-sonnet-5-5'),
  MODEL_PLANNER: z.string().min(1).default('claude-sonnet-5-5'),
  /** Older ids to the models that serve them, in addition to the built-in table: `{"old":"new"}`. */
  MODEL_ALIASES: jsonText(z.record(z.string(), z.string())).default({}),
  /** Prices of contracts and deployments, which go before those of the price book while they are in force. */
  MODEL_PRICES: jsonText(ownPriceRows).default([]),

  // Judging
  JUDGE_PROVIDER: z.enum(['none', 'anthropic', 'openai', 'google', 'xai']).default('none'),
  JUDGE_MODEL: z.string().min(1).default('claude-haiku-5-5'),
  /** Share of answers that are judged in the background. */
  JUDGE_SAMPLE_RATE: z.coerce.number(SHARE).min(0, SHARE).max(1, SHARE).default(1),
  /** 32 bytes in base64: seals the answers that wait for the judge in a queue, and those kept for an `Idempotency-Key`. */
  JUDGE_SEAL_KEY: textLike(/^[A-Za-z0-9+/]{43}=$/, 'is not 32 bytes in base64'),
  KEEP_VERDICT_TEXT: booleanText(false),

  // Limits
  LIMITS: policies(),
  LIMITS_ENABLED: booleanText(true),
  /** Gets a POST when a limit crosses its threshold, maximum or a share of its `alerts`, or refuses its first call: an address, or a JSON list. */
  LIMIT_WEBHOOK_URL: alertTargets(),
  /** An Azure Communication Services resource that sends alerts by e-mail, the sender and the receivers. */
  LIMIT_EMAIL_CONNECTION: textLike(
    emailConnectionPattern,
    'is not a connection string: endpoint=https://…;accesskey=…',
  ),
  LIMIT_EMAIL_FROM: textLike(/^[^\s@]+@[^\s@]+$/, 'is not an e-mail address'),
  LIMIT_EMAIL_TO: commaSeparated(),
  /** Allows targets with private, local and reserved addresses. */
  LIMIT_WEBHOOK_PRIVATE: booleanText(false),

  // Who calls
  ACCESS_KEYS: accessKeys(),
  DEV_IDENTITY: textLike(/^[^:]+(:(user|admin))?$/, 'is neither a name nor a name and a role, user or admin'),
  /** In which order the ways to find out who calls are tried. */
  IDENTITY_ORDER: identityOrder(),
  JWT_ISSUERS: tokenIssuers(),
  JWT_CLOCK_TOLERANCE_S: wholeNumber(30, 0, 300),
  /** The secret of the front-end's Auth.js; the numbered ones while it is rotated. */
  AUTH_SECRET: optionalSetting(),
  AUTH_SECRET_1: optionalSetting(),
  AUTH_SECRET_2: optionalSetting(),
  AUTH_SECRET_3: optionalSetting(),
  NEXTAUTH_SECRET: optionalSetting(),
  /** Set by App Service Authentication itself. */
  WEBSITE_AUTH_ENABLED: platformBoolean(),
  APP_SERVICE_ADMIN_ROLES: commaSeparated(),
  /** Keeps the pseudonyms of users who come with an e-mail address from being guessed. */
  USER_ID_KEY: optionalSetting(),
  GATEWAY_ANONYMOUS: booleanText(false),
  /** Use cases that callers of the gateways may name in addition to ours. Empty: any for callers with an access key, none for others. */
  GATEWAY_USE_CASES: commaSeparated(),
  CORS_ORIGINS: commaSeparated(),

  // Requests
  /** Requests per minute on paid routes, of one caller and of all callers with one access key; 0: any number. */
  RATE_PER_CALLER: wholeNumber(60, 0, 1_000_000),
  RATE_PER_KEY: wholeNumber(1_200, 0, 1_000_000),
  MAX_REQUEST_BYTES: wholeNumber(83_886_080, 100_000, 104_857_600),
  /** For bodies and what is made of them, and for pictures while they are decoded. Each by default a quarter of the instance's. */
  REQUEST_MEMORY_MB: optionalWholeNumber(128, 1_048_576),
  PICTURE_MEMORY_MB: optionalWholeNumber(128, 1_048_576),

  // The ledger
  LEDGER_RETENTION_DAYS: wholeNumber(90, 1, 36_500),
  USAGE_RETENTION_DAYS: wholeNumber(400, 1, 36_500),
  USAGE_PROPERTIES: propertyNames(),

  // The export
  /** A container of Blob Storage that gets each ended hour of the ledger as Parquet files. Without it the export is off. */
  EXPORT_CONTAINER: textLike(
    /^[a-z0-9](-?[a-z0-9]){2,62}$/,
    'is not the name of a container: 3 to 63 of a-z 0-9 and single hyphens',
  ),
  ExportConnection: textLike(
    /\b(AccountName|BlobEndpoint|UseDevelopmentStorage)=/i,
    'is not a connection string of a storage account',
  ),
  ExportConnection__blobServiceUri: textLike(/^https?:\/\/./, 'is not a URL'),

  // Traces
  /** Where spans go: nowhere, by OTLP to OTEL_EXPORTER_OTLP_ENDPOINT, or to the Application Insights that the host uses. */
  OTEL_EXPORTER: z.enum(['none', 'otlp', 'azure-monitor']).default('none'),

  // Properties that every use-case instance gets at Pay-i
  SERVICE_NAME: z.string().min(1).default('trailmeter'),
  ENVIRONMENT: z.string().min(1).default('development'),
});

export type Settings = z.infer<typeof settingsSchema>;

/** A setting is wrong or missing. The text names each with what it got and an example. */
export class SettingsError extends TrailmeterError {
  constructor(problems: string[]) {
    super('invalid_settings', `The app can't start. Set these right:\n${problems.join('\n')}`);
    // Where in our code it was found helps nobody; hosts print it after the text.
    this.stack = `${this.name}: ${this.message}`;
  }
}
