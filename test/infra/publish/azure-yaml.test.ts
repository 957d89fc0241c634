import { existsSync, readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface Hook {
  posix: { run: string };
  windows: { run: string };
}
interface AzureYaml {
  infra: { path: string; module: string };
  services: { app: { dist: string; remoteBuild: boolean; resourceName: string; hooks: Record<string, Hook> } };
  hooks: Record<string, Hook>;
}
const text = readFileSync('azure.yaml', 'utf8');
const read = parse(text) as AzureYaml;
/** As Azure published it on 2026-08-21 (Azure/azure-dev, schemas/v1.0, MIT licence). */
const schema = JSON.parse(readFileSync('test/fixtures/azure-yaml-schema.json', 'utf8')) as { $id: string };
const ajv = new Ajv2019({ strict: false, logger: false, validateFormats: false });
// Schemas of extensions of azd, for hosts that are not ours.
const elsewhere = JSON.stringify(schema).matchAll(/"\$ref":"(https:[^"#]+)"/g);
for (const $id of new Set([...elsewhere].map(([, url = '']) => url))) ajv.addSchema({ $id });
const validate = ajv.compile(schema);

test('azure.yaml is right by the published schema', () => {
  expect(text).toContain(`$schema=${schema.$id}`);
  expect([validate(read), validate.errors]).toEqual([true, null]);
});

test('the schema sees what is wrong', () => {
  const { app } = read.services;
  expect(validate({ ...read, hooks: { postupload: {} } })).toBe(false);
  expect(validate({ ...read, services: { app: { ...app, host: undefined } } })).toBe(false);
});

test('it names files, outputs and a folder that are there', () => {
  const { infra, services } = read;
  expect(existsSync(`${infra.path}/${infra.module}.bicepparam`)).toBe(true);
  const outputs = [...readFileSync('infra/main.bicep', 'utf8').matchAll(/^output (\w+) /gm)].map(([, name]) => name);
  const [, output] = /^\$\{(\w+)\}$/.exec(services.app.resourceName) ?? [];
  expect(outputs).toContain(output);
  const hook = readFileSync('infra/cli/azd/hook.ts', 'utf8');
  const [, members = ''] = /environmentSchema = z\.object\(\{([\s\S]*?)\n\}\)/.exec(hook) ?? [];
  const named = [...members.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name);
  expect(named.filter((name) => !name.startsWith('AZURE_') && !outputs.includes(name))).toEqual([]);
  expect(services.app).toMatchObject({ remoteBuild: false, dist: 'dist/app' });
  const runs = [...Object.values(read.hooks), ...Object.values(services.app.hooks)].flatMap(({ posix, windows }) => [
    posix.run,
    windows.run,
  ]);
  expect(new Set(runs)).toEqual(
    new Set([
      `npm run build -- ${services.app.dist}`,
      'node --import tsx infra/cli/azd/main.ts secrets',
      'node --import tsx infra/cli/azd/main.ts first-call',
    ]),
  );
});
