import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { getContext, reportCall, type TrackContext, trackContext } from '../../shared/tracking/context.ts';
import type { TrackOptions } from '../../shared/tracking/track-options.ts';

/** The innermost of scopes that are nested in this order. */
const nested = (...scopes: TrackOptions[]): TrackContext => {
  const [scope = {}, ...inner] = scopes;
  return trackContext(scope, (context) => (inner.length > 0 ? nested(...inner) : context));
};

test('outside any scope there is none, inside it is the innermost, afterwards the outer one again', () => {
  expect(getContext()).toBeUndefined();
  trackContext({ userId: 'sam' }, (outer) => {
    expect(getContext()).toBe(outer);
    trackContext({}, (inner) => {
      expect(getContext()).toBe(inner);
      expect(inner.parent).toBe(outer);
    });
    expect(getContext()).toBe(outer);
    expect(() =>
      trackContext({}, () => {
        throw new Error('work failed');
      }),
    ).toThrow('work failed');
    expect(getContext()).toBe(outer);
  });
  expect(getContext()).toBeUndefined();
});

test.each<[string, TrackOptions[], Partial<Record<keyof TrackContext, unknown>>]>([
  ['a text is inherited', [{ userId: 'sam', accountName: 'acme' }, {}], { userId: 'sam', accountName: 'acme' }],
  ['the innermost text wins', [{ userId: 'sam' }, { userId: 'eve' }], { userId: 'eve' }],
  ['an empty text clears', [{ userId: 'sam' }, { userId: '' }], { userId: undefined }],
  ['what was cleared can be set again', [{ userId: 'sam' }, { userId: '' }, { userId: 'eve' }], { userId: 'eve' }],
  ['limits are united, each once', [{ limitIds: ['a', 'b'] }, { limitIds: ['b', 'c'] }], { limitIds: ['a', 'b', 'c'] }],
  ['no limits clear', [{ limitIds: ['a'] }, { limitIds: [] }], { limitIds: [] }],
  ['limits after clearing', [{ limitIds: ['a'] }, { limitIds: [] }, { limitIds: ['b'] }], { limitIds: ['b'] }],
  [
    'properties are merged, the innermost wins',
    [
      { useCaseProperties: { a: '1', b: '1' }, requestProperties: { x: '1' } },
      { useCaseProperties: { b: '2' }, requestProperties: { y: '2' } },
    ],
    { useCaseProperties: { a: '1', b: '2' }, requestProperties: { x: '1', y: '2' } },
  ],
  [
    'no properties clear, each kind by itself',
    [{ useCaseProperties: { a: '1' }, requestProperties: { x: '1' } }, { useCaseProperties: {} }],
    { useCaseProperties: {}, requestProperties: { x: '1' } },
  ],
])('%s', (_name, scopes, expected) => {
  expect(nested(...scopes)).toMatchObject(expected);
});

test('the same use case keeps its instance, version and step; another one begins again', () => {
  trackContext({ useCaseName: 'finder', useCaseVersion: 2, useCaseStep: 'search' }, ({ useCase }) => {
    expect(useCase?.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(nested({}).useCase).toEqual(useCase);
    expect(nested({ useCaseName: 'finder', useCaseStep: 'write' }).useCase).toEqual({ ...useCase, step: 'write' });
    expect(nested({ useCaseStep: '' }).useCase).toEqual({ name: 'finder', id: useCase?.id, version: 2 });
    const other = nested({ useCaseName: 'judge' }).useCase;
    expect(Object.keys(other ?? {})).toEqual(['name', 'id']);
    expect(other?.id).not.toBe(useCase?.id);
    expect(nested({ useCaseId: 'run-7' }).useCase).toMatchObject({ name: 'finder', id: 'run-7' });
    expect(nested({ useCaseId: '' }).useCase?.id).not.toBe(useCase?.id);
    expect(nested({ useCaseName: '' }).useCase).toBeUndefined();
  });
  expect(nested({ useCaseId: 'run-7' }).useCase).toBeUndefined();
});

test('the user of an outer scope stays with a use case nested in it', () => {
  expect(nested({ useCaseName: 'finder', userId: 'sam' }, { useCaseName: 'judge' })).toMatchObject({
    userId: 'sam',
    useCase: { name: 'judge' },
  });
});

test('scopes that run at the same time do not mix, however long their work waits', async () => {
  const seen = await Promise.all(
    ['sam', 'eve', 'kim'].map((userId, place) =>
      trackContext({ userId }, async () => {
        await setTimeout(3 - place);
        return trackContext({}, async () => {
          await setTimeout(place);
          return getContext()?.userId;
        });
      }),
    ),
  );
  expect(seen).toEqual(['sam', 'eve', 'kim']);
  expect(getContext()).toBeUndefined();
});

test.each<[string, object]>([
  ['useCaseName', { useCaseName: 'x'.repeat(65) }],
  ['useCaseName', { useCaseName: 7 }],
  ['useCaseVersion', { useCaseVersion: 1.5 }],
  ['useCaseVersion', { useCaseVersion: 0 }],
  ['useCaseProperties', { useCaseProperties: { year: 2020 } }],
  ['requestProperties', { requestProperties: { '': 'x' } }],
  ['limitIds', { limitIds: [''] }],
  ['userId', { userId: 7 }],
])('%s that no event can carry is refused before anything is called: %j', (member, options) => {
  let ran = false;
  const scope = () => trackContext(options as TrackOptions, () => (ran = true));
  expect(scope).toThrow(
    expect.objectContaining({ code: 'invalid_track_options', message: expect.stringContaining(member) }),
  );
  expect(ran).toBe(false);
});

test('a call is asked to its scope and to all around it', () => {
  const report = {
    eventId: 'e',
    requestedModel: 'claude-haiku-5-5',
    model: 'claude-haiku-5-5',
    units: {},
    costNanoUsd: 1n,
    latencyMs: 1,
    httpStatusCode: 200,
    outcome: 'succeeded' as const,
    warnings: [],
  };
  trackContext({}, (outer) => {
    trackContext({}, (inner) => {
      reportCall(getContext(), report);
      expect(inner.calls).toEqual([report]);
    });
    trackContext({}, (beside) => expect(beside.calls).toEqual([]));
    expect(outer.calls).toEqual([report]);
  });
  reportCall(undefined, report);
});
