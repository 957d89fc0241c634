import { decodeSettings } from '../../shared/config/decode.ts';
import { settingsSchema } from '../../shared/config/settings.ts';
import type { Built } from './template.ts';

/** Settings that the platform or the Azure SDKs read, not the app. */
const platform =
  /^(AzureWebJobsStorage__|AzureFunctionsJobHost__|APPLICATIONINSIGHTS_|OTEL_EXPORTER_OTLP_|ServiceBusConnection__|AZURE_CLIENT_ID$|MALLOC_\w+|languageWorkers__node__arguments$)/;

/** True for a setting that the platform or an Azure SDK reads. */
export const isPlatformSetting = (name: string): boolean => platform.test(name);

/** The parameter of the template that lists the settings whose values are in the Key Vault. */
const SECRET_PARAMETER = 'secretSettings';

/** The value of a parameter of the template: the file's own, else the default. */
export const parameter = (built: Built, name: string): unknown =>
  built.parameters[name] ?? built.template.parameters?.[name]?.defaultValue;

export const secretSettings = (built: Built): string[] => (parameter(built, SECRET_PARAMETER) ?? []) as string[];

/** The names of all app settings that a deployment gives the function app. */
export const settingNames = (built: Built): string[] => [
  ...new Set([...Object.keys(built.settings), ...secretSettings(built)]),
];

/** Texts that the decoder takes, for settings whose real values are known only in Azure. */
const samples: Record<string, string> = {
  ACCESS_KEYS: '{}',
  ServiceBusConnection__fullyQualifiedNamespace: 'sample.servicebus.windows.net',
  TablesConnection__endpoint: 'https://sample.table.core.windows.net',
  ExportConnection__blobServiceUri: 'https://sample.blob.core.windows.net',
  ANTHROPIC_BASE_URL: 'https://sample.services.ai.azure.com/anthropic',
  AZURE_OPENAI_BASE_URL: 'https://sample.openai.azure.com/openai/v1',
  JUDGE_SEAL_KEY: Buffer.alloc(32).toString('base64'),
  LIMIT_EMAIL_CONNECTION: 'endpoint=https://sample.communication.azure.com/;accesskey=c2FtcGxl',
};

/** The settings with which the app starts; a sample for each whose value is known only in Azure. */
export const startSettings = (built: Built): Record<string, string> =>
  Object.fromEntries(settingNames(built).map((name) => [name, built.settings[name] ?? samples[name] ?? 'sample']));

/**
 * Would the app start with the settings of this deployment? Decodes them as the app does.
 * @returns the decoder's complaint, or undefined.
 */
export function startProblem(built: Built): string | undefined {
  try {
    decodeSettings(startSettings(built));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Names that neither the app nor the platform reads: a misspelt setting changes nothing and tells nobody. */
export const unreadNames = (built: Built): string[] =>
  settingNames(built).filter((name) => !(name in settingsSchema.shape) && !isPlatformSetting(name));

/** Settings of the app whose values are secrets. */
export const isSecret = (name: string): boolean =>
  /KEYS?$|SECRET(_\d)?$|TOKEN$|OTLP_HEADERS$|^LIMIT_(EMAIL_CONNECTION|WEBHOOK_URL)$/.test(name);
