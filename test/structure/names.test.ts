import { expect, test } from 'vitest';
import { filesBelow, textOf } from './sources.ts';

const exported =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:class|interface|type|const|enum|function\*?) (\w+)/gm;

test('no two files of shared/ export the same name', () => {
  const files = new Map<string, Set<string>>();
  for (const file of filesBelow('shared'))
    for (const [, name = ''] of textOf(file).matchAll(exported))
      files.set(name, (files.get(name) ?? new Set()).add(file));
  const alike = [...files]
    .filter(([, where]) => where.size > 1)
    .map(([name, where]) => `${name}: ${[...where].join(', ')}`);
  expect(alike).toEqual([]);
  expect(files.size).toBeGreaterThan(300);
});
