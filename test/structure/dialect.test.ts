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

test('a constant that is a number or a string written down is SCREAMING_CASE, any other camelCase', () => {
  const one = String.raw`(?:0x[\da-f_]+n?|-?\d[\d_.]*(?:e\d+)?n?|'[^'\n]*'|"[^"\n]*"|[A-Z][A-Z\d_]*)`;
  const literal = new RegExp(String.raw`^${one}(?: (?:[-+*/]|\*\*|<<) ${one})*;$`);
  const written = ['shared', 'functions', 'infra', 'test'].flatMap((folder) =>
    filesBelow(folder).flatMap((file) =>
      [...textOf(file).matchAll(/^(?:export )?const (\w+)(?:: [\w<>[\] |]+)? =\s+(.+)$/gm)].flatMap(
        ([, name = '', value = '']) => {
          const screaming = /^[A-Z][A-Z\d_]*$/.test(name);
          const isTemplate = value.startsWith('`');
          const isText = literal.test(value.replace(/ \/\/.*|[()]/g, '')) || (isTemplate && !value.includes('${'));
          return screaming === isText || isTemplate || /^['"]/.test(value) ? [] : [`${file}: ${name}`];
        },
      ),
    ),
  );
  expect(written).toEqual([]);
});
