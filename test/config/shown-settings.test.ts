import { expect, test } from 'vitest';
import { decodeSettings } from '../../shared/config/decode.ts';
import { settingsSchema } from '../../shared/config/settings.ts';
import { shownSettings } from '../../shared/config/shown-settings.ts';

const SECRET = 'canary-0123456789-abcdefghijklmnop';
const environment = {
  ENVIRONMENT: 'test',
  ACCESS_KEYS: JSON.stringify({ op: { key: SECRET, role: 'admin' } }),
  ANTHROPIC_API_KEY: SECRET,
  PAYI_API_KEY: SECRET,
  AUTH_SECRET: SECRET,
  USER_ID_KEY: SECRET,
  LIMIT_WEBHOOK_URL: `https://hooks.example/${SECRET}`,
  ServiceBusConnection: `Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=${SECRET}`,
  TablesConnection: `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${SECRET};EndpointSuffix=core.windows.net`,
  OPENAI_BASE_URL: `https://user:${SECRET}@models.example/v1?sig=${SECRET}`,
  RATE_PER_KEY: '77',
};

test('every setting is shown, and no secret', () => {
  const shown = shownSettings(decodeSettings(environment));
  expect(shown.map(({ name }) => name)).toEqual(Object.keys(settingsSchema.shape).sort());
  expect(JSON.stringify(shown)).not.toContain(SECRET);
  const of = (name: string) => shown.find((setting) => setting.name === name);
  expect(of('ACCESS_KEYS')).toEqual({ name: 'ACCESS_KEYS', value: null, state: 'secret' });
  expect(of('LIMIT_WEBHOOK_URL')?.state).toBe('secret');
  expect(of('OPENAI_BASE_URL')).toMatchObject({ value: 'https://…@models.example/v1?…', state: 'set' });
  expect(of('RATE_PER_KEY')).toMatchObject({ value: '77', state: 'set' });
  expect(of('USAGE_QUEUE')).toMatchObject({ value: 'usage-events', state: 'default' });
  expect(of('XAI_API_KEY')?.state).toBe('absent');
});
