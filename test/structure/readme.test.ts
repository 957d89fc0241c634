import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const project = new URL('../../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, project), 'utf8');
const readme = textOf('README.md');
const foldersOf = (path: string): string[] =>
  readdirSync(new URL(path, project), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );

test('every command is in the README, and every command of the README is there', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const named = [...readme.matchAll(/npm (?:run )?(?:-s )?(start|test|(?<=run (?:-s )?)[a-z-]+)/g)].map(
    ([, name]) => name,
  );
  expect([...new Set(named)].sort()).toEqual(Object.keys(scripts).sort());
});

test('every route is in the README', () => {
  const files = readdirSync(new URL('functions/http', project), { recursive: true, encoding: 'utf8' });
  const routes = files.flatMap((file) =>
    [...(file.endsWith('.ts') ? textOf(`functions/http/${file}`) : '').matchAll(/route: '([^']+)'/g)].map(
      ([, route]) => `/${route}`,
    ),
  );
  expect(routes.length).toBeGreaterThan(20);
  expect(routes.filter((route) => !readme.includes(route.replace('/p/{token}', '')))).toEqual([]);
});

test('every file that the README names is there', () => {
  const files = [...readme.matchAll(/`((?:test|infra|functions|shared)\/[\w./-]*)`/g)].map(([, file = '']) => file);
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => !existsSync(new URL(file, project)))).toEqual([]);
});

test('every folder of the program is in the README', () => {
  const [, row = ''] = /^\| `shared\/` \|(.*)\|$/m.exec(readme) ?? [];
  const named = [...row.matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
  expect(named.sort()).toEqual(foldersOf('shared').sort());
});
