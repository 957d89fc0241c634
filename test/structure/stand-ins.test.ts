import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { outcomeSchema } from '../../infra/local/model/src/script.ts';
import { faultRuleShape } from '../../infra/local/payi/src/http/fault.ts';
import { project, textOf } from './sources.ts';

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

test('the commands of infra/local/README.md set faults that the stand-ins know', () => {
  const commands = [...textOf('infra/local/README.md').matchAll(/(PAYI|MODEL)\/_standin\/\w+ -d '([^']+)'/g)];
  expect(commands.length).toBeGreaterThan(4);
  for (const [, at, rule = ''] of commands) (at === 'PAYI' ? faultRuleShape : outcomeSchema).parse(JSON.parse(rule));
});
