import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ExportColumn, exportColumns } from '../../shared/export/columns.ts';
import { createQueryChecker } from './kusto.ts';

const page = readFileSync(new URL('../../docs/analytics.md', import.meta.url), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block);

test('the table of the page has every column of the files, in order, with its type', () => {
  const [, table = ''] = /\| column \| type \|[^\n]*\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(page) ?? [];
  const types: Record<ExportColumn['type'], string> = {
    text: 'string',
    integer: 'int32',
    long: 'int64',
    time: 'timestamp, UTC',
    money: 'decimal(18, 9)',
  };
  const named = [...table.matchAll(/^\| (.*?) \| (.*?) \|/gm)].flatMap(([, names = '', kinds = '']) => {
    const columns = [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    const each = columns.length > 1 && kinds.split(', ').length === columns.length ? kinds.split(', ') : [kinds];
    return columns.map((name, at) => [name, each[at] ?? kinds]);
  });
  expect(named).toEqual(exportColumns.map(({ name, type }) => [name, types[type]]));
});

test('the external table has every column, in order, and Azure can parse its queries', async () => {
  const [table = '', ...queries] = blocks('kusto');
  const [, schema = ''] = /external table Usage \(([\s\S]*?)\n\)/.exec(table) ?? [];
  const types: Record<ExportColumn['type'], string> = {
    text: 'string',
    integer: 'int',
    long: 'long',
    time: 'datetime',
    money: 'decimal',
  };
  expect([...schema.matchAll(/(\w+): (\w+)/g)].map(([, name, type]) => [name, type])).toEqual(
    exportColumns.map(({ name, type }) => [name, types[type]]),
  );
  const problemsOf = await createQueryChecker({ Usage: `(${schema})` });
  expect([table, ...queries].flatMap(problemsOf)).toEqual([]);
  expect(problemsOf("external_table('Usage') | summarize sum(NoColumn)")).not.toEqual([]);
  expect(problemsOf(table.replace('pathformat', 'pathform'))).not.toEqual([]);
});
