import { expect, test } from 'vitest';
import { errorCodes } from '../../shared/api/openapi/error-codes.ts';
import { exampleOf } from '../../shared/api/openapi/examples.ts';
import { tagOf } from '../../shared/api/openapi/tags.ts';
import { routes } from '../../shared/api/routes.ts';
import { filesBelow, textOf } from './sources.ts';

/** Codes of errors that end no request: at the start, in the functions of queues and timers, and in wrong code. */
const internal = [
  'batch_unfinished',
  'client_gone',
  'invalid_settings',
  'invalid_track_options',
  'private_target',
  'unreadable_seal',
];

test('every code of an error has its meaning in shared/api/openapi/error-codes.ts', () => {
  const thrown = filesBelow('shared').flatMap((file) =>
    [...textOf(file).matchAll(/(?:new \w*Error|super)\(\s*'([a-z_]+)',/g)].map(([, code = '']) => code),
  );
  const expected = [...thrown, 'internal_error', 'payi_rejected', 'payi_unavailable', 'payi_uncertain'];
  const known = [...Object.keys(errorCodes), ...internal];
  expect([...new Set(expected)].sort()).toEqual(known.sort());
});

test('every route with a body has an example in shared/api/openapi/examples.ts', () => {
  expect(routes.filter((route) => route.body && exampleOf(route) === undefined).map(({ path }) => path)).toEqual([]);
});

test('every route has a tag of its own kind in shared/api/openapi/tags.ts', () => {
  expect(routes.filter((route) => tagOf(route) === 'other').map(({ path }) => path)).toEqual([]);
});
