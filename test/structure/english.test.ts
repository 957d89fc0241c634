import { expect, test } from 'vitest';
import { filesBelow, textOf } from './sources.ts';

/** Phrases that were translated word by word, and what to write. Each was in the code once. */
const phrases: [RegExp, string][] = [
  [/(?<!\bthere )\b(?:is|are|was|were) no(?:ne)?\b(?! longer| more\b)/i, 'must be …, is not a …, there is no …'],
  [/\bgiven in\b/i, 'passed in'],
  [/\bof late\b/i, 'recent'],
  [/\bwho (?:holds|calls|asked) (?:a|an|for|then)\b/i, 'a caller with …'],
  [/\banew\b/i, 'again'],
  [/\bas it seems\b/i, 'seems to be'],
  [/\bin so many words\b/i, 'explicitly'],
  [/\bcomes? about\b/i, 'is opened, is created'],
  [/\b(?:is|are) told\b/i, 'is reported, gets'],
  [/\btold (?:of|that)\b/i, 'reported'],
  [/\btells? (?:how|whether|what|which|of)\b/i, 'says, shows, reports'],
  [/\bbeside (?:the|those|what|a)\b/i, 'besides, in addition to, next to'],
  [/\bbelongs? into\b/i, 'goes in'],
  [/\bgave up on\b/i, 'gave up'],
  [/\bof (?:ours|theirs)\b/i, 'our, their'],
  [/\bfront doors?\b/i, 'gateway'],
  [/\bbury|buried\b/i, 'expire'],
];

const files = ['functions', 'infra', 'shared', 'test'].flatMap((folder) => filesBelow(folder));
const pages = [
  'README.md',
  ...['docs', '.github', 'functions', 'infra', 'shared', 'test'].flatMap((folder) => filesBelow(folder, '.md')),
];

test.each(phrases)('%s is not written: %s', (phrase) => {
  const found = [...files, ...pages]
    .filter((file) => !file.endsWith('english.test.ts'))
    .flatMap((file) =>
      textOf(file)
        .split('\n')
        .flatMap((line, index) => (phrase.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
    );
  expect(found).toEqual([]);
});
