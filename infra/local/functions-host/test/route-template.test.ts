import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRoute } from '../src/worker/http/route-template.ts';

describe('route templates', () => {
  const rows: [template: string, path: string, values: Record<string, string> | undefined][] = [
    ['', '/', {}],
    ['', '/x', undefined],
    ['/health', '/health', {}],
    ['a/b', '/A/B/', {}],
    ['a/b', '/a', undefined],
    ['a/{x}', '/a/1', { x: '1' }],
    ['a/{x}', '/a', undefined],
    ['a/{x}', '/a//', undefined],
    ['a/{x?}', '/a', {}],
    ['a/{x=5}', '/a', { x: '5' }],
    ['a/{x=5}', '/a/6', { x: '6' }],
    ['{*rest}', '/', {}],
    ['{*rest}', '/a/b', { rest: 'a/b' }],
    ['a/{**rest}', '/a', {}],
    ['{x:int}', '/-5', { x: '-5' }],
    ['{x:int}', '/3000000000', undefined],
    ['{x:long}', '/3000000000', { x: '3000000000' }],
    ['{x:bool}', '/True', { x: 'True' }],
    ['{x:bool}', '/yes', undefined],
    ['{x:double}', '/1.5e3', { x: '1.5e3' }],
    ['{x:decimal}', '/1.5', { x: '1.5' }],
    ['{x:decimal}', '/1e5', undefined],
    ['{x:float}', '/x', undefined],
    ['{x:datetime}', '/2026-11-23', { x: '2026-11-23' }],
    ['{x:datetime}', '/soon', undefined],
    ['{x:minlength(3)}', '/ab', undefined],
    ['{x:maxlength(3)}', '/abc', { x: 'abc' }],
    ['{x:length(2)}', '/abc', undefined],
    ['{x:length(2,3)}', '/abc', { x: 'abc' }],
    ['{x:min(5)}', '/4', undefined],
    ['{x:max(5)}', '/5', { x: '5' }],
    ['{x:range(1,5)}', '/6', undefined],
    ['{x:alpha:minlength(2)?}', '/', {}],
    ['{x:alpha:minlength(2)?}', '/a', undefined],
    ['{x:regex(^\\d{{3}}$)}', '/123', { x: '123' }],
    ['{x:regex(^\\d{{3}}$)}', '/1234', undefined],
    ['v{major}.{minor}', '/v1.2', { major: '1', minor: '2' }],
    ['a.b', '/axb', undefined],
  ];
  for (const [template, path, values] of rows) {
    it(`"${template}" at ${path}`, () => expect(compileRoute(template)(path)).toEqual(values));
  }

  for (const wrong of ['{x:nothing}', '{x', 'a/{}', '{x:int(5)}']) {
    it(`refuses "${wrong}"`, () => expect(() => compileRoute(wrong)).toThrow(/^Route "/));
  }

  it('gives back any value that it was built from', () => {
    const part = fc.stringMatching(/^[a-z0-9_~!-]{1,8}$/);
    fc.assert(
      fc.property(part, part, (x, y) => {
        expect(compileRoute('p/{x}/q/{y}')(`/p/${x}/q/${y}`)).toEqual({ x, y });
      }),
    );
  });
});
