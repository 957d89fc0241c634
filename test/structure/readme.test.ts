import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type CommandLine, commandLines } from '../../infra/cli/commands.ts';
import { routes } from '../../shared/api/routes.ts';

const project = new URL('../../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, project), 'utf8');
const readme = textOf('README.md');
const foldersOf = (path: string): string[] =>
  readdirSync(new URL(path, project), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );

test('the table of commands is the list of npm run help, and has every script', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const rows = commandLines.map(({ call, does }) => `| \`${call.replaceAll('|', '\\|')}\` | ${does} |`);
  const [, table = ''] = /\| command \| does \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(readme) ?? [];
  expect(table.trim().split('\n')).toEqual(rows);
  expect(commandLines.map(({ script }) => script).sort()).toEqual(Object.keys(scripts).sort());
  const called = ({ script, call }: CommandLine) => new RegExp(`^npm (run )?${script}(?![\\w:-])`).test(call);
  expect(commandLines.filter((line) => !called(line))).toEqual([]);
});

test('every command that the README names is there', () => {
  const named = [...readme.matchAll(/npm run (?:-s )?([a-z:-]+)/g)].map(([, name = '']) => name);
  const scripts = commandLines.map(({ script }) => script);
  expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
});

test('the table of endpoints has every route, and no other', () => {
  const [, table = ''] = /^## Endpoints\n([\s\S]*?)^## /m.exec(readme) ?? [];
  const named = [...table.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^`]*)`/g)].map(([, route]) => route);
  expect(named.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
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

test('every dependency is in the README', () => {
  const { dependencies, devDependencies } = JSON.parse(textOf('package.json')) as Record<
    string,
    Record<string, string>
  >;
  const [, text = ''] = /^## Dependencies\n([\s\S]*)/m.exec(readme) ?? [];
  // Types alone need no reason.
  const names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@types/'));
  expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});
