import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildLibrary } from '../../infra/cli/build-library.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../..', import.meta.url));
const KEY = 'a-key-for-the-library-test';

/** The library as another program has it: packed, and installed into a folder that has nothing else but the SDKs. */
describe('the packed library', () => {
  let stack: Stack;
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    stack = await startStack({
      settings: { ACCESS_KEYS: JSON.stringify({ service: { key: KEY, role: 'user' } }), DEV_IDENTITY: '' },
    });
    folder = await realpath(await mkdtemp(join(tmpdir(), 'trailmeter-library-')));
    const built = join(folder, 'built');
    await buildLibrary(built);
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', built], { cwd: folder });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${filename}`], { cwd: folder });
    for (const name of ['@anthropic-ai/sdk', 'openai', '@types/node']) {
      const link = join(folder, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(project, 'node_modules', name), link, 'junction');
    }
    await cp(join(project, 'docs/examples/library'), folder, { recursive: true });
    env = {
      PATH: process.env['PATH'],
      ANTHROPIC_API_KEY: 'any',
      ANTHROPIC_BASE_URL: stack.model?.url,
      OPENAI_API_KEY: 'any',
      OPENAI_BASE_URL: `${stack.model?.url}/v1`,
      PAYI_API_KEY: stack.settings['PAYI_API_KEY'],
      PAYI_BASE_URL: stack.payi?.url,
      TRAILMETER_URL: stack.url,
      TRAILMETER_KEY: KEY,
    };
  });
  afterAll(async () => {
    await stack?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const node = async (file: string): Promise<string> =>
    (await run(process.execPath, [file], { cwd: folder, env })).stdout;
  const eventsOf = (userId: string) =>
    [...(stack.payi?.inspect.events() ?? [])].filter((event) => event.userId === userId);

  test('has the bundles, maps, types, manifest, README and licence, and brings no other package', async () => {
    const files = await readdir(join(folder, 'node_modules/trailmeter-library'));
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'index.cjs', 'index.cjs.map', 'index.d.cts']),
    );
    expect(files).toEqual(expect.arrayContaining(['index.d.ts', 'index.js', 'index.js.map', 'package.json']));
    const installed = await readdir(join(folder, 'node_modules'));
    expect(installed.filter((name) => !name.startsWith('.')).sort()).toEqual([
      '@anthropic-ai',
      '@types',
      'openai',
      'trailmeter-library',
    ]);
  });

  test('works by import, with limits in memory and Pay-i', async () => {
    expect(await node('direct.mjs')).toMatch(/claude-sonnet-5-5: \d+ nano-USD, gpt-4\.1-mini: \d+ nano-USD/);
    const events = eventsOf('user-1');
    expect(events.map(({ category }) => category).sort()).toEqual(['system.anthropic', 'system.openai']);
    expect(new Set(events.map(({ useCaseName }) => useCaseName))).toEqual(new Set(['tyre_advice']));
    expect(events.find(({ category }) => category === 'system.openai')).toMatchObject({ useCaseStep: 'check' });
  });

  test('works by require', async () => {
    expect(await node('direct.cjs')).toMatch(/the answer has ended\nclaude-sonnet-5-5: \d+ nano-USD in \d+ ms/);
    expect(eventsOf('user-2')).toHaveLength(1);
  });

  test('works with the app as its back end', async () => {
    expect(await node('backend.mjs')).toContain('claude-sonnet-5-5');
    await expect.poll(() => eventsOf('user-3').length).toBe(2);
    expect(eventsOf('user-3')[0]).toMatchObject({
      useCaseName: 'trail_finder',
      item: { use_case_properties: { place: 'Zürich' } },
    });
  });

  test('has types for both, also for a program without the SDKs', async () => {
    const tsc = join(project, 'node_modules/typescript/bin/tsc');
    const strict = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2023',
    ];
    const checked = ['--allowJs', '--checkJs', '--noImplicitAny', 'false', '--skipLibCheck'];
    const examples = ['direct.mjs', 'direct.cjs', 'backend.mjs', 'types.mts'];
    await check([...strict, ...checked, '--types', 'node', ...examples]);
    await writeFile(join(folder, 'alone.mts'), "export * from 'trailmeter-library';\n");
    await writeFile(join(folder, 'alone.cts'), "import lib = require('trailmeter-library');\nexport = lib;\n");
    await check([...strict.filter((name) => !name.includes('exact')), '--types', 'node', 'alone.mts', 'alone.cts']);

    async function check(options: string[]): Promise<void> {
      const said = await run(process.execPath, [tsc, ...options], { cwd: folder }).catch(({ stdout }) => ({ stdout }));
      expect(said.stdout).toBe('');
    }
  });
});
