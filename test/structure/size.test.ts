import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { filesBelow, textOf } from './sources.ts';

const MAX_FILES = 16;
const MAX_LINES = 300;

const sources = [
  ...filesBelow('functions'),
  ...filesBelow('shared'),
  ...filesBelow('infra').filter((file) => !/^infra\/local\/[\w-]+\/test\//.test(file)),
];

test(`a folder holds at most ${MAX_FILES} source files`, () => {
  const counts = new Map<string, number>();
  for (const file of sources) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
  expect(sources.length).toBeGreaterThan(400);
});

test(`a source file has at most ${MAX_LINES} lines`, () => {
  const long = sources.filter((file) => textOf(file).split('\n').length > MAX_LINES + 1);
  expect(long).toEqual([]);
});
