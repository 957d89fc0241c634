import { expect, test } from 'vitest';
import { API_VERSION } from '../../shared/api/openapi/document.ts';
import { textOf } from './sources.ts';

test('the package, the API and the newest entry of the changelog have one version', () => {
  const [, newest] = /^## (\S+)$/m.exec(textOf('.github/CHANGELOG.md')) ?? [];
  const { version } = JSON.parse(textOf('package.json')) as { version: string };
  expect([API_VERSION, newest]).toEqual([version, version]);
});
