import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { filesBelow, project, textOf } from './sources.ts';

const pages = [
  'README.md',
  ...['.github', 'docs', 'functions', 'infra', 'shared', 'test'].flatMap((folder) => filesBelow(folder, '.md')),
];
const code = ['functions', 'infra', 'shared', 'test'].flatMap((folder) => filesBelow(folder));

/** It writes the files that it names. */
const ADDED_LATER = 'test/pipeline/add-a-feature.test.ts';

/** Headings as GitHub links to them: `## Known limits` is `known-limits`. */
const anchorsOf = (page: string): string[] =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

test('links between pages lead to files and headings that are there', () => {
  const dead = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)#\s]*)(?:#([\w-]+))?\)/g)].flatMap(([link, path = '', anchor]) => {
      if (/^\w+:/.test(path)) return [];
      const target = path === '' ? page : join(dirname(page), path);
      const found = existsSync(join(project, target)) && (anchor === undefined || anchorsOf(target).includes(anchor));
      return found ? [] : [`${page}: ${link}`];
    }),
  );
  expect(dead).toEqual([]);
  expect(pages.length).toBeGreaterThan(10);
});

test('code cites pages and files of this repository that are there', () => {
  const cited = code.flatMap((file) =>
    [
      ...textOf(file).matchAll(/\b((?:\.github|docs|functions|infra|shared|test)\/[\w./-]+\.(?:md|ts|json|bicep))\b/g),
    ].map(([, path = '']) => ({ file, path })),
  );
  const dead = cited
    .filter(({ file, path }) => !existsSync(join(project, path)) && file !== ADDED_LATER)
    .map(({ file, path }) => `${file}: ${path}`);
  expect(dead).toEqual([]);
});

test('code cites no page outside of the repository', () => {
  expect(
    code.filter(
      (file) => /\bdesign (§|rule|page)|\bguide\.md|\bhouse\.md/.test(textOf(file)) && !file.endsWith('links.test.ts'),
    ),
  ).toEqual([]);
});
