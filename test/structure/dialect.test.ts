import { expect, test } from 'vitest';
import { filesBelow, textOf } from './sources.ts';

test('private members are #private, but for constructors, which have no such form', () => {
  const written = ['shared', 'functions', 'infra', 'test'].flatMap((folder) =>
    filesBelow(folder).flatMap((file) =>
      textOf(file)
        .split('\n')
        .flatMap((line, index) =>
          /^\s+(?:static )?(?:private|protected|public)\b(?! constructor)|\bconstructor\(.*\b(?:private|protected|public)\b|\bthis\._/.test(
            line,
          )
            ? [`${file}:${index + 1}`]
            : [],
        ),
    ),
  );
  expect(written).toEqual([]);
});
