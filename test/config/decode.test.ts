import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeSettings } from '../../shared/config/decode.ts';
import { openSettings } from '../../shared/config/open-settings.ts';
import { SettingsError } from '../../shared/config/settings.ts';

const complete = {
  ServiceBusConnection:
    'Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true',
  TablesConnection: 'UseDevelopmentStorage=true',
  PAYI_API_KEY: 'payi-key',
  ANTHROPIC_API_KEY: 'model-key',
};

function refusal(environment: Record<string, string>): string {
  try {
    decodeSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error('The settings were accepted.');
}

describe('settings', () => {
  test('defaults complete what is given', () => {
    const settings = decodeSettings(complete);
    expect(settings).toMatchObject({
      USAGE_QUEUE: 'usage-events',
      MODEL_FINDER: 'claude-sonnet-5-5',
      LIMITS_ENABLED: true,
      CORS_ORIGINS: [],
    });
    expect(settings.LIMITS.map((policy) => policy.name)).toEqual([
      'daily-budget',
      'monthly-budget',
      'user-daily',
      'daily-analysis',
      'monthly-analysis',
    ]);
  });

  test('empty text counts as absent', () => {
    expect(decodeSettings({ ...complete, USAGE_QUEUE: '', CORS_ORIGINS: '' })).toMatchObject({
      USAGE_QUEUE: 'usage-events',
    });
  });

  test('a managed identity stands in for a connection string', () => {
    const { ServiceBusConnection: _, ...rest } = complete;
    const settings = decodeSettings({
      ...rest,
      ServiceBusConnection__fullyQualifiedNamespace: 'x.servicebus.windows.net',
    });
    expect(settings.ServiceBusConnection).toBeUndefined();
    expect(settings.ServiceBusConnection__fullyQualifiedNamespace).toBe('x.servicebus.windows.net');
  });

  test.each(Object.keys(complete))('%s missing is named with an example', (name) => {
    const text = refusal({ ...complete, [name]: '' });
    expect(text).toContain(`- ${name}: is missing`);
    expect(text).toContain('example: ');
  });

  test.each([
    ['PAYI_BASE_URL', 'not a url', '"not a url"'],
    ['PAYI_INGEST_MODE', 'fast', '"fast"'],
    ['MODEL_DEADLINE_MS', '999999', '"999999"'],
    ['LIMITS', '[{"name":"x"}]', 'LIMITS at 0.'],
    ['LIMITS', '{', 'is not JSON; got'],
    ['ACCESS_KEYS', '{"web":{"key":"short"}}', 'ACCESS_KEYS at web.key'],
    ['JUDGE_SAMPLE_RATE', '2', '"2"'],
    ['LIMITS_ENABLED', 'perhaps', '"perhaps"'],
    ['MODEL_DEADLINE_MS', 'abc', 'is not a whole number from 1000 to 220000; got "abc"'],
    ['LEDGER_RETENTION_DAYS', '1.5', 'is not a whole number'],
    ['ServiceBusConnection', 'nonsense', 'is not a connection string of a Service Bus namespace'],
    ['TablesConnection', 'nonsense', 'is not a connection string of a storage account'],
    ['ServiceBusConnection__fullyQualifiedNamespace', 'sb://x.servicebus.windows.net', 'is not a host name'],
    ['TablesConnection__endpoint', 'x.table.core.windows.net', 'is not a URL'],
    ['JUDGE_SEAL_KEY', 'c2hvcnQ=', 'is not 32 bytes in base64'],
    ['DEV_IDENTITY', 'sam:amdin', 'user or admin'],
  ])('%s=%s is refused', (name, value, part) => {
    const text = refusal({ ...complete, [name]: value });
    expect(text).toContain(`- ${name}`);
    expect(text).toContain(part);
    expect(text).toContain('; example: ');
  });

  test('all problems are reported at once, and no secret is shown', () => {
    const text = refusal({ PAYI_BASE_URL: 'nope', ACCESS_KEYS: 'hunter2-hunter2' });
    expect(text.split('\n').length).toBeGreaterThan(5);
    expect(text).not.toContain('hunter2');
  });

  test('a wrong address of the webhook is not shown, since it holds a token', () => {
    const text = refusal({ ...complete, LIMIT_WEBHOOK_URL: 'hooks.example.com/T0KEN-of-the-hook' });
    expect(text).toContain('- LIMIT_WEBHOOK_URL');
    expect(text).not.toContain('T0KEN');
  });

  test('webhooks are an address, or a list of targets', () => {
    const targets = (LIMIT_WEBHOOK_URL: string) => decodeSettings({ ...complete, LIMIT_WEBHOOK_URL }).LIMIT_WEBHOOK_URL;
    expect(targets('https://a.example/t')).toEqual([{ url: 'https://a.example/t', format: 'json' }]);
    const slack = { url: 'https://b.example/t', format: 'slack' };
    expect(targets(JSON.stringify([slack]))).toEqual([slack]);
    expect(targets('')).toBeUndefined();
    const wrong = JSON.stringify([{ ...slack, secret: 'T0KEN-that-is-short' }]);
    const text = refusal({ ...complete, LIMIT_WEBHOOK_URL: wrong });
    expect(text).toContain('LIMIT_WEBHOOK_URL at 0.secret: must be whsec_');
    expect(text).not.toContain('T0KEN');
  });

  test('alerts by e-mail need a connection, a sender and receivers', () => {
    const text = refusal({ ...complete, LIMIT_EMAIL_TO: 'ops@example.com' });
    expect(text).toContain('- LIMIT_EMAIL_CONNECTION: is missing');
    expect(text).toContain('- LIMIT_EMAIL_FROM: is missing');
    const email = {
      LIMIT_EMAIL_CONNECTION: 'endpoint=https://mail.communication.azure.com/;accesskey=QUJD',
      LIMIT_EMAIL_FROM: 'trailmeter@example.com',
      LIMIT_EMAIL_TO: 'ops@example.com, money@example.com',
    };
    expect(decodeSettings({ ...complete, ...email }).LIMIT_EMAIL_TO).toEqual(['ops@example.com', 'money@example.com']);
    expect(refusal({ ...complete, ...email, LIMIT_EMAIL_CONNECTION: 'accesskey=T0KEN' })).not.toContain('T0KEN');
  });

  test('a judge needs its seal key, and the key of its provider', () => {
    expect(refusal({ ...complete, JUDGE_PROVIDER: 'anthropic' })).toContain('JUDGE_SEAL_KEY: is missing');
    const sealed = { ...complete, JUDGE_PROVIDER: 'google', JUDGE_SEAL_KEY: Buffer.alloc(32).toString('base64') };
    expect(refusal(sealed)).toContain('GOOGLE_API_KEY: is missing');
    expect(decodeSettings({ ...sealed, GOOGLE_AI_API_KEY: 'key' }).JUDGE_PROVIDER).toBe('google');
  });

  test('a reference that Azure could not resolve does not pass for the secret', () => {
    const reference = '@Microsoft.KeyVault(SecretUri=https://x.vault.azure.net/secrets/payi-api-key)';
    expect(refusal({ ...complete, PAYI_API_KEY: reference })).toContain(
      '- PAYI_API_KEY: its secret is not in the Key Vault',
    );
  });

  test('an identity for development is refused in Azure', () => {
    const environment = { ...complete, DEV_IDENTITY: 'sam:admin' };
    expect(decodeSettings(environment).DEV_IDENTITY).toBe('sam:admin');
    expect(refusal({ ...environment, WEBSITE_SITE_NAME: 'func-trailmeter' })).toContain(
      '- DEV_IDENTITY: lets everybody in',
    );
    for (const name of ['production', 'Production', 'prod'])
      expect(refusal({ ...environment, ENVIRONMENT: name })).toContain(`cannot be set with ENVIRONMENT=${name}`);
  });

  test('one key under two names is refused, and so is a key for paths that opens more', () => {
    const key = 'at-least-16-characters';
    const keys = (value: unknown) => refusal({ ...complete, ACCESS_KEYS: JSON.stringify(value) });
    const twice = keys({ web: { key }, ops: { key, role: 'admin' } });
    expect(twice).toContain('ACCESS_KEYS at ops: has the same key as web');
    expect(twice).toContain('got a text of');
    expect(keys({ web: { key, role: 'admin', only: 'path' } })).toContain('must have the role user');
    expect(keys({ web: { key: `${key}/?`, only: 'path' } })).toContain('must consist of');
  });

  test('usage is grouped by few properties', () => {
    expect(decodeSettings({ ...complete, USAGE_PROPERTIES: 'region, tier' }).USAGE_PROPERTIES).toEqual([
      'region',
      'tier',
    ]);
    for (const names of ['a,b,c,d,e,f', 'a b', 'x'.repeat(65)])
      expect(refusal({ ...complete, USAGE_PROPERTIES: names })).toContain('USAGE_PROPERTIES: must be at most 5 names');
  });

  test('settings that open something are listed for warnings', () => {
    const opened = (environment: Record<string, string>) =>
      openSettings(decodeSettings({ ...complete, ...environment })).map(({ setting }) => setting);
    expect(opened({})).toEqual([]);
    expect(opened({ DEV_IDENTITY: 'sam', GATEWAY_ANONYMOUS: 'true', LIMITS_ENABLED: 'false' })).toEqual([
      'DEV_IDENTITY',
      'GATEWAY_ANONYMOUS',
      'LIMITS_ENABLED',
    ]);
  });

  test('a refusal carries its text alone, for hosts that print the stack', () => {
    expect(() => decodeSettings({})).toThrow(
      expect.objectContaining({ stack: expect.not.stringContaining('    at ') }),
    );
  });
});

describe('the example of local settings', () => {
  const example = JSON.parse(readFileSync(new URL('../../local.settings.example.json', import.meta.url), 'utf8')) as {
    Values: Record<string, string>;
  };

  test('is accepted', () => {
    expect(decodeSettings(example.Values)).toMatchObject({
      PAYI_API_KEY: 'replace-me',
      DEV_IDENTITY: 'developer:admin',
    });
  });
});
