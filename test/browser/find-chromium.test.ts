import { expect, test } from 'vitest';
import { findChromium, maySkip } from './find-chromium.ts';

test('Chromium is that of CHROMIUM, else one that is found', () => {
  const there = (path: string) => path === '/usr/bin/google-chrome' || path === '/opt/chromium';
  expect(findChromium({}, there)).toBe('/usr/bin/google-chrome');
  expect(findChromium({ CHROMIUM: '/opt/chromium' }, there)).toBe('/opt/chromium');
  expect(findChromium({ CHROMIUM: '/opt/missing' }, there)).toBeUndefined();
  expect(findChromium({}, () => false)).toBeUndefined();
});

test.each([
  [{}, true],
  [{ CI: '' }, true],
  [{ CI: 'false' }, true],
  [{ CI: 'true' }, false],
  [{ CI: '1' }, false],
])('without Chromium the tests are skipped with %j: %s', (env, isSkipped) => {
  expect(maySkip(env)).toBe(isSkipped);
});
