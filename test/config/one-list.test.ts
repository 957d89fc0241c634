import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isPlatformSetting } from '../../infra/check/app-settings.ts';
import type { Predicted } from '../../infra/check/private.ts';
import { snapshotSettings } from '../../infra/check/snapshot-settings.ts';
import { decodeSettings } from '../../shared/config/decode.ts';
import { settingsSchema } from '../../shared/config/settings.ts';

/** The schema is the list of settings. Whatever else names settings names the same ones. */

const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const snapshots = readdirSync(new URL('../../infra', import.meta.url)).filter((name) =>
  name.endsWith('.snapshot.json'),
);
const schema = Object.keys(settingsSchema.shape).sort();

test('the table of the README has every setting, and no other', () => {
  const [, table = ''] = /\| setting \| what it is \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(textOf('README.md')) ?? [];
  const named = [...table.matchAll(/^\| ([^|]*) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual(schema);
});

test('the example of local settings has every setting, and no other but those of the host', () => {
  const { Values } = JSON.parse(textOf('local.settings.example.json')) as { Values: Record<string, string> };
  const ofTheHost = ['AzureWebJobsStorage', 'FUNCTIONS_WORKER_RUNTIME', 'NODE_OPTIONS'];
  expect(Object.keys(Values).sort()).toEqual([...schema, ...ofTheHost].sort());
});

test.each(snapshots)('%s sets no setting that neither the app nor the platform reads', (name) => {
  const { predictedResources } = JSON.parse(textOf(`infra/${name}`)) as { predictedResources: Predicted[] };
  const set = Object.keys(snapshotSettings(predictedResources));
  const [, secrets = ''] = /param secretSettings string\[\] = \[([\s\S]*?)\]/.exec(textOf('infra/main.bicep')) ?? [];
  const kept = [...secrets.matchAll(/'(\w+)'/g)].map(([, name = '']) => name);
  expect([set.length > 15, kept.length > 3]).toEqual([true, true]);
  expect([...set, ...kept].filter((name) => !schema.includes(name) && !isPlatformSetting(name))).toEqual([]);
});

test('the doctor names every setting whose value is wrong', () => {
  const wrong = '\u0000';
  const refused = Object.entries(settingsSchema.shape).filter(([, kind]) => !kind.safeParse(wrong).success);
  expect(refused.length).toBeGreaterThan(20);
  for (const [name] of refused)
    expect(() => decodeSettings({ [name]: wrong })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(new RegExp(`^- ${name}\\b`, 'm')) }),
    );
});
