import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { filesBelow, textOf } from '../structure/sources.ts';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
const pages = ['README.md', ...['docs', '.github', 'shared', 'test'].flatMap((folder) => filesBelow(folder, '.md'))];

/** What a script runs: its first module, and the others of a folder that is the command's own. */
function sourceOf(script: string): string {
  const [, first = ''] = /([\w/-]+\.ts)/.exec(scripts[script] ?? '') ?? [];
  const folder = dirname(first);
  const own = first.endsWith('/main.ts') ? readdirSync(folder).map((name) => `${folder}/${name}`) : [first];
  return [...own.filter((name) => name.endsWith('.ts')), 'infra/cli/admin-api.ts', 'infra/cli/command.ts']
    .map(textOf)
    .join('\n');
}

/** Each call of one of our commands in the pages, to the end of its line or code. */
const calls = pages.flatMap((page) =>
  [...textOf(page).matchAll(/npm run (?:-s )?([\w:-]+)[ \t]+--[ \t]+([^`\n|#]+)/g)].map(
    ([, script = '', words = '']) => ({
      page,
      script,
      options: [...words.matchAll(/(?<=^|[ [])--([a-z][\w-]*)/g)].map(([, option = '']) => option),
    }),
  ),
);

test('the pages call commands with options', () => {
  expect(calls.filter(({ options }) => options.length > 0).length).toBeGreaterThan(20);
});

test('every option that a page names is one of its command', () => {
  const wrong = calls.flatMap(({ page, script, options }) => {
    const source = sourceOf(script);
    return options
      .filter(
        (option) => !new RegExp(`['"]?${option}['"]?: \\{ type:`).test(source) && !source.includes(`'--${option}'`),
      )
      .map((option) => `${page}: npm run ${script} -- --${option}`);
  });
  expect([...new Set(wrong)]).toEqual([]);
});
