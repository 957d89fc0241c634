import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { filesBelow, project, textOf } from './sources.ts';

const entriesOf = (folder: string): string[] =>
  readdirSync(`${project}${folder}`).filter((name) => !['README.md', 'node_modules'].includes(name));
const foldersOf = (folder: string): string[] =>
  readdirSync(`${project}${folder}`, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );

/** The first column of the table under "What is where". */
function namedOn(page: string): string[] {
  const [, section = ''] = /^## What is where\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(textOf(page)) ?? [];
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name);
}

const standIns = foldersOf('infra/local').filter((name) => name !== 'demo');

describe('pages say what is where', () => {
  test.each(standIns)('infra/local/%s/README.md names each file and folder of src', (name) => {
    expect(namedOn(`infra/local/${name}/README.md`).sort()).toEqual(entriesOf(`infra/local/${name}/src`).sort());
  });

  test.each(standIns)('infra/local/%s/README.md has the headings of the others', (name) => {
    const text = textOf(`infra/local/${name}/README.md`);
    for (const heading of ['What it does not do', 'What is where', 'Add a fault', 'Tests'])
      expect(text).toContain(`\n## ${heading}\n`);
    expect(text).toContain(`npx vitest run infra/local/${name}`);
  });

  test('infra/local/README.md names each file and folder, and links the page of each stand-in', () => {
    expect(namedOn('infra/local/README.md').sort()).toEqual(entriesOf('infra/local').sort());
    for (const name of standIns) expect(textOf('infra/local/README.md')).toContain(`](${name}/README.md)`);
  });

  test('test/README.md names each folder', () => {
    expect(namedOn('test/README.md').sort()).toEqual(foldersOf('test').sort());
  });

  test('test/README.md names tests that are there', () => {
    const [, table = ''] = /^## Which tests after changing what\n([\s\S]*?)^## /m.exec(textOf('test/README.md')) ?? [];
    const named = [...table.matchAll(/`((?:test|shared|functions|infra)\/[\w/-]+)`/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((name) => !existsSync(`${project}${name}`))).toEqual([]);
  });
});

test('private members are #private, but for constructors, which have no such form', () => {
  const written = ['shared', 'functions', 'infra', 'test'].flatMap((folder) =>
    filesBelow(folder).flatMap((file) =>
      textOf(file)
        .split('\n')
        .flatMap((line, index) =>
          /^\s+(?:static )?(?:private|protected|public)\b(?! constructor)|\bconstructor\(.*\b(?:private|protected|public)\b/.test(
            line,
          )
            ? [`${file}:${index + 1}`]
            : [],
        ),
    ),
  );
  expect(written).toEqual([]);
});
