import { describe, expect, it } from 'vitest';
import { readDiagnostics } from '../../infra/check/bicep-run.ts';

describe('diagnostics of the Bicep CLI', () => {
  it('are read with their place and rule', () => {
    const text =
      '/r/infra/main.bicep(13,7) : Warning no-unused-params: Parameter "x" is declared but never used. [https://aka.ms/x]\n';
    expect(readDiagnostics(text, '/r')).toEqual([
      {
        file: 'infra/main.bicep',
        line: 13,
        level: 'Warning',
        rule: 'no-unused-params',
        message: 'Parameter "x" is declared but never used. [https://aka.ms/x]',
      },
    ]);
  });

  it.each([
    ['WARNING: The symbolic name is experimental.', 'Warning'],
    ['An unexpected line', 'Error'],
  ])('keep a line of another form: %s', (line, level) => {
    expect(readDiagnostics(line, '/r')).toEqual([{ file: '', line: 0, level, rule: '', message: line }]);
  });

  it('is an empty list for empty output', () => {
    expect(readDiagnostics('\n\n', '/r')).toEqual([]);
  });
});
