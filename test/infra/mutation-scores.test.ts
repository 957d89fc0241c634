import { expect, test } from 'vitest';
import { scoresOf } from '../mutation/scores.ts';

test('a change counts as noticed when a test failed or did not end, and as not when no test reached it', () => {
  const mutants = (...states: string[]) => ({ mutants: states.map((status) => ({ status })) });
  expect(
    scoresOf({
      files: {
        'a.ts': mutants('Killed', 'Timeout', 'Survived'),
        'b.ts': mutants('Killed', 'NoCoverage', 'Ignored', 'CompileError'),
        'c.ts': mutants('Ignored'),
      },
    }),
  ).toEqual([
    { file: 'b.ts', score: 50, noticed: 1, survived: 1 },
    { file: 'a.ts', score: 66.7, noticed: 2, survived: 1 },
    { file: 'c.ts', score: null, noticed: 0, survived: 0 },
  ]);
});
