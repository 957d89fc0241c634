import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../../infra/cli/build.ts';
import { zipFolder } from '../../../infra/cli/package/zip.ts';
import { funcRules } from './func-rules.ts';

const work = mkdtempSync(join(tmpdir(), 'publish-'));
const folder = join(work, 'app');
const packs = funcRules(readFileSync('.funcignore', 'utf8'));
let inPackage: string[];
let inFolder: string[];

beforeAll(async () => {
  await buildApp({ outDir: folder, deployable: true });
  inPackage = Object.keys(unzipSync(await zipFolder(folder))).sort();
  inFolder = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
});
afterAll(() => rmSync(work, { recursive: true }));

const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' });

describe('the folder that is built', () => {
  test('is the package, with the native code of Azure', () => {
    expect(inFolder).toEqual(inPackage);
    expect(inFolder).toEqual(
      expect.arrayContaining(['host.json', 'package.json', 'dist/functions/index.cjs', 'dist/console/index.html']),
    );
    for (const needed of ['sharp-linux-x64', 'sharp-libvips-linux-x64'])
      expect(inFolder).toContain(`node_modules/@img/${needed}/package.json`);
  });

  test('is what func publishes from there, and azd', () => {
    expect(inFolder.filter(funcRules(''))).toEqual(inPackage);
    // azd leaves these out.
    expect(inFolder.filter((path) => /(^|\/)(\.azure\/|\.funcignore$|local\.settings\.json$)/.test(path))).toEqual([]);
  });
});

describe('func in the project', () => {
  test('publishes every file of the package', () => {
    expect(inPackage.filter((path) => !packs(path))).toEqual([]);
  });

  test('publishes nothing else of the repository, of what is built and of the packages', () => {
    const packages = readdirSync('node_modules').flatMap((name) =>
      name.startsWith('@') ? readdirSync(`node_modules/${name}`).map((inner) => `${name}/${inner}`) : [name],
    );
    const files = [
      ...git('ls-files').split('\n').filter(Boolean),
      ...['app/host.json', 'app.zip', 'library/index.js', 'screens/a.png'].map((path) => `dist/${path}`),
      ...packages.map((name) => `node_modules/${name}/index.js`),
      ...readdirSync('node_modules/swagger-ui-dist').map((name) => `node_modules/swagger-ui-dist/${name}`),
      '.cache/bicep/x',
      '.env',
      'local.settings.json',
    ];
    const more = files.filter((path) => packs(path) && !inPackage.includes(path));
    // A line of .funcignore can't end a path.
    expect(
      more.filter((path) => !/^node_modules\/(sharp|detect-libc|tslib|@img\/[\w-]+)\/index\.js$/.test(path)),
    ).toEqual([
      'node_modules/swagger-ui-dist/swagger-ui-bundle.js.map',
      'node_modules/swagger-ui-dist/swagger-ui.css.map',
    ]);
  });

  test('reads the same entry', () => {
    const main = (path: string) => {
      const { type, main: entry } = JSON.parse(readFileSync(path, 'utf8')) as { type: string; main: string };
      return { type, entry };
    };
    expect(main('package.json')).toEqual(main(join(folder, 'package.json')));
  });
});

test('azd does not build remotely, since node_modules is not among what is ignored', () => {
  const repository = join(work, 'ignored');
  mkdirSync(join(repository, 'node_modules'), { recursive: true });
  mkdirSync(join(repository, 'shared'));
  git('init', '-q', repository);
  copyFileSync('.funcignore', join(repository, '.gitignore'));
  const ignored = (path: string): boolean => {
    try {
      git('-C', repository, 'check-ignore', '-q', path);
      return true;
    } catch {
      return false;
    }
  };
  expect(ignored('shared')).toBe(true);
  expect(ignored('node_modules')).toBe(false);
});

describe('the rules of func', () => {
  test.each([
    ['*.md', 'README.md', false],
    ['*.md', 'docs/deploy.md', true],
    ['docs', 'docs/deploy.md', false],
    ['docs', 'docs-of-ours/a', false],
    ['docs', 'documents/a', true],
    ['*\n!host.json', 'host.json', true],
    ['!host.json\n*', 'host.json', true],
    ['*\n!node_module?', 'node_modules/a', false],
    ['', '.git/config', false],
    ['# docs', 'docs/a', true],
  ])('%j with %s: %j', (lines, path, packed) => {
    expect(funcRules(lines)(path)).toBe(packed);
  });
});
