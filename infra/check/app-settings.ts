import { decodeSettings } from '../../shared/config/decode.ts';
import { settingsSchema } from '../../shared/config/settings.ts';
import { type Built, resourcesOf, templatesOf } from './template.ts';

/** Settings that the platform or the Azure SDKs read, not the app. */
const platform =
  /^(AzureWebJobsStorage__|APPLICATIONINSIGHTS_|ServiceBusConnection__|AZURE_CLIENT_ID$|MALLOC_\w+|languageWorkers__node__arguments$)/;

/** True for a setting that the platform or an Azure SDK reads. */
export const isPlatformSetting = (name: string): boolean => platform.test(name);

/** The parameter of the template that lists the settings whose values are in the Key Vault. */
const SECRET_PARAMETER = 'secretSettings';

/** The value of a parameter of the template: the file's own, else the default. */
export const parameter = (built: Built, name: string): unknown =>
  built.parameters[name] ?? built.template.parameters?.[name]?.defaultValue;

export const secretSettings = (built: Built): string[] => (parameter(built, SECRET_PARAMETER) ?? []) as string[];

/** The names of all app settings that a deployment gives the function app. */
export function settingNames(built: Built): string[] {
  const extra = Object.keys((parameter(built, 'extraSettings') ?? {}) as object);
  return [...new Set([...literalNames(built), ...secretSettings(built), ...extra])];
}

/** The names that the templates spell out: in the module's parameter, and those of the platform in its variable. */
function literalNames(built: Built): string[] {
  const own = Array.isArray(built.template.resources)
    ? built.template.resources
    : Object.values(built.template.resources);
  const expressions = own.flatMap((resource) => {
    const given = resource.properties?.['parameters'] as Record<string, { value?: unknown }> | undefined;
    const value = given?.['settings']?.value;
    return typeof value === 'string' ? [value] : value ? [JSON.stringify(value)] : [];
  });
  const inner = resourcesOf(built.template)
    .filter(({ resource }) => resource.type === 'Microsoft.Web/sites/config')
    .map(({ resource }) => JSON.stringify(resource.properties));
  const variables = templatesOf(built.template).map((template) => template.variables?.['platformSettings'] ?? {});
  const names = [...expressions, ...inner].flatMap((text) =>
    [...text.matchAll(/'([A-Za-z][A-Za-z0-9_]*)', /g)].map(([, name = '']) => name),
  );
  const known = (name: string): boolean =>
    name in settingsSchema.shape || isPlatformSetting(name) || /^[A-Z_]{4,}$/.test(name);
  return [...names.filter(known), ...variables.flatMap((value) => Object.keys(value as object))];
}

/** Texts that the decoder takes, for settings whose real values are known only in Azure. */
const samples: Record<string, string> = {
  ACCESS_KEYS: '{}',
  ServiceBusConnection__fullyQualifiedNamespace: 'sample.servicebus.windows.net',
  TablesConnection__endpoint: 'https://sample.table.core.windows.net',
  REQUEST_MEMORY_MB: '512',
  PICTURE_MEMORY_MB: '512',
  JUDGE_SEAL_KEY: Buffer.alloc(32).toString('base64'),
  CORS_ORIGINS: '',
};

/**
 * Would the app start with the settings of this deployment? Decodes them as the app does.
 * @returns the decoder's complaint, or undefined.
 */
export function startProblem(built: Built): string | undefined {
  const extra = (parameter(built, 'extraSettings') ?? {}) as Record<string, string>;
  const given = Object.fromEntries(
    settingNames(built).map((name) => {
      const value = name === 'JUDGE_PROVIDER' ? String(parameter(built, 'judgeProvider')) : (samples[name] ?? 'sample');
      return [name, extra[name] ?? value];
    }),
  );
  try {
    decodeSettings(given);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Names that neither the app nor the platform reads: a misspelt setting changes nothing and tells nobody. */
export const unreadNames = (built: Built): string[] =>
  settingNames(built).filter((name) => !(name in settingsSchema.shape) && !isPlatformSetting(name));

/** Settings of the app whose values are secrets. */
export const isSecret = (name: string): boolean => /KEYS?$|SECRET(_\d)?$/.test(name);
