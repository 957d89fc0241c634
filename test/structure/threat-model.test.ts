import { join } from 'node:path';
import { expect, test } from 'vitest';
import { textOf } from './sources.ts';

const FOLDER = 'docs';
const page = textOf(`${FOLDER}/threat-model.md`);

/** The tests that the page names, each with its file. */
const named = [...page.matchAll(/\]\((\.\.\/[\w./-]+\.test\.ts)\): ((?:"[^"]+"(?:, )?)+)/g)].flatMap(
  ([, path = '', names = '']) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({ file: join(FOLDER, path), name })),
);

test('each attack names tests that are there', () => {
  const missing = named.filter(
    ({ file, name }) => !['"', "'", '`'].some((quote) => textOf(file).includes(quote + name + quote)),
  );
  expect(missing).toEqual([]);
});

test('no attack is without a test', () => {
  const [, tables = ''] = /^## Attacks and their tests\n([\s\S]*?)^## /m.exec(page) ?? [];
  const rows = tables.split('\n').filter((line) => /^\| (?!attack |---)/.test(line) && !line.startsWith('|---'));
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((row) => !/\.test\.ts\): "/.test(row))).toEqual([]);
  expect(named.length).toBeGreaterThan(rows.length);
});
