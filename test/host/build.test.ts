import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { buildApp } from '../../infra/local/build.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

it('builds an app directory whose bundle and map name no path of this machine', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'build-test-'));
  const app = await buildApp({ outDir });
  const settings = JSON.parse(await readFile(join(outDir, 'package.json'), 'utf8'));
  expect(settings.dependencies).toEqual({ sharp: expect.any(String) });
  const bundle = await readFile(join(outDir, settings.main), 'utf8');
  const map = await readFile(join(outDir, `${settings.main}.map`), 'utf8');
  expect(bundle).toContain('require("@azure/functions-core")');
  expect(bundle.includes(project)).toBe(false);
  expect(map.includes(project) || map.includes(outDir)).toBe(false);
  expect(JSON.parse(map).sources).toContain('../../functions/index.ts');
  expect(await readFile(join(outDir, 'host.json'), 'utf8')).toBe(await readFile(join(project, 'host.json'), 'utf8'));
  await app.close();
  await rm(outDir, { recursive: true });
});
