import { expect, test } from 'vitest';
import { filesBelow, textOf } from '../structure/sources.ts';

const page = textOf('docs/telemetry.md');
const sources = ['shared', 'functions'].flatMap((folder) => filesBelow(folder)).map(textOf);
const namesOf = (pattern: RegExp): string[] => [
  ...new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name))),
];
const section = (title: string): string[] => {
  const [, text = ''] = new RegExp(`## ${title}\\n([^]*?)\\n## `).exec(page) ?? [];
  return [...text.matchAll(/^\|.*\|$/gm)].flatMap(([row]) =>
    [...row.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, name = '']) => name),
  );
};

test('every log event of the code is in docs/telemetry.md, and no other', () => {
  // Those that one function of a room gets as its argument.
  const passedOn = ['keyed-answer-not-kept', 'key-not-freed'];
  const logged = [...namesOf(/\.(?:info|warn|error)\(\s*'([a-z]+(?:-[a-z]+)+)'/g), ...passedOn];
  expect([...new Set(section('Events'))].sort()).toEqual([...new Set(logged)].sort());
});

test('every metric of the code is in docs/telemetry.md, and no other', () => {
  const counted = namesOf(/\.(?:count|measure)\(\s*'([a-z]+(?:-[a-z]+)+)'/g);
  expect([...new Set(section('Metrics'))].sort()).toEqual([...new Set(counted)].sort());
});
