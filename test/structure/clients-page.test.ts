import { expect, test } from 'vitest';
import { filesBelow, textOf } from './sources.ts';

test('docs/clients.md has the package of every library that the gateways are tested with', () => {
  const page = textOf('docs/clients.md');
  const packages = filesBelow('test/clients/sdks', '.mjs').flatMap(
    (file) => /export const installed = '(.*)'/.exec(textOf(file))?.[1] ?? [],
  );
  expect(new Set(packages).size).toBeGreaterThan(6);
  // The older version of an SDK is installed under a name of our own.
  expect(packages.filter((name) => name !== 'anthropic-sdk-0' && !page.includes(`from '${name}'`))).toEqual([]);
});
