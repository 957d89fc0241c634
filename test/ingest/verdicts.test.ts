import { describe, expect, test } from 'vitest';
import { delivered, isMissing, isTooMuch, perItem } from '../../shared/ingest/ingest-answer.ts';
import { classifyAnswer, classifyError } from '../../shared/ingest/ingest-result.ts';
import { nextAttemptAt } from '../../shared/ingest/retry-schedule.ts';
import { PayiError, type PayiErrorFacts } from '../../shared/payi/transport/error.ts';

const failed = (facts: Partial<PayiErrorFacts>) =>
  new PayiError({ kind: 'rejected', request: 'POST /ingest/bulk', reason: 'r', ...facts });

describe('what a bulk says of each item', () => {
  test('all accepted', () => {
    expect(perItem({ ingest_count: 2 }, 2)).toEqual([{ kind: 'accepted' }, { kind: 'accepted' }]);
    expect(perItem({ ingest_count: 0, errors: null }, 0)).toEqual([]);
  });

  test('the code, status and words of each error, the most exact first', () => {
    const errors = [
      { item_index: 0, xproxy_result: { statusCode: 500, xproxy_error: { code: 'c', message: 'm' }, message: 'n' } },
      { item_index: 1, xproxy_result: { statusCode: 429, message: 'slower' } },
      { item_index: 2, xproxy_result: null },
      { item_index: 3 },
    ];
    expect(perItem({ ingest_count: 1, errors } as never, 5)).toEqual([
      { kind: 'uncertain', code: 'c', reason: 'm' },
      { kind: 'transient', code: 'status_429', reason: 'slower' },
      { kind: 'permanent', code: 'status_400', reason: 'no reason given' },
      { kind: 'permanent', code: 'status_400', reason: 'no reason given' },
      { kind: 'accepted' },
    ]);
  });

  test('an error without a place leaves the others in doubt, and says what was counted', () => {
    const errors = [{ item_index: null }, { item_index: 1 }];
    expect(perItem({ ingest_count: 1, errors } as never, 3)).toMatchObject([
      { kind: 'uncertain', code: 'counts_differ', reason: 'Pay-i counted 1 of 3 items.' },
      { kind: 'permanent' },
      { kind: 'uncertain' },
    ]);
  });

  test('an error of an item that there is not makes no item', () => {
    const errors = [{ item_index: 2 }];
    expect(perItem({ ingest_count: 1, errors } as never, 2).map(({ kind }) => kind)).toEqual(['accepted', 'accepted']);
  });
});

test.each([
  [{}, { kind: 'accepted', requestId: undefined, costNanoUsd: undefined }],
  [
    { request_id: 'r', duplicate_request: false, cost: { total: { base: 0.000_000_5 } } },
    { kind: 'accepted', requestId: 'r', costNanoUsd: 500n },
  ],
  [
    { request_id: null, duplicate_request: true, cost: { total: { base: 0 } } },
    { kind: 'duplicate', requestId: undefined, costNanoUsd: 0n },
  ],
  [{ cost: { total: null } }, { kind: 'accepted', costNanoUsd: undefined }],
  [{ cost: { total: { base: null } } }, { kind: 'accepted', costNanoUsd: undefined }],
])('what was delivered: %j', (result, expected) => {
  expect(delivered(result)).toEqual({ requestId: undefined, ...expected });
});

test.each([
  [failed({ payiStatus: 404 }), true, false],
  [failed({ payiStatus: 403 }), true, false],
  [failed({ payiStatus: 405 }), true, false],
  [failed({ payiStatus: 501 }), true, false],
  [failed({ payiStatus: 404, payiCode: 'use_case_not_found' }), false, false],
  [failed({ payiStatus: 404, kind: 'unavailable' }), false, false],
  [failed({ payiStatus: 400 }), false, true],
  [failed({ payiStatus: 413, payiCode: 'x' }), false, true],
  [failed({ payiStatus: 422 }), false, true],
  [failed({ payiStatus: 400, kind: 'uncertain' }), false, false],
  [failed({ payiStatus: 401 }), false, false],
  [failed({}), false, false],
  [Object.assign(new Error('x'), { kind: 'rejected', payiStatus: 404 }), false, false],
  [Object.assign(new Error('x'), { kind: 'rejected', payiStatus: 400 }), false, false],
])('%#: the endpoint is missing, or the call is too much', (error, missing, tooMuch) => {
  expect([isMissing(error), isTooMuch(error)]).toEqual([missing, tooMuch]);
});

describe('the verdict', () => {
  const reason = 'r';

  test.each([
    [503, undefined, { kind: 'transient', code: 'status_503' }],
    [503, 'x', { kind: 'transient', code: 'x' }],
    [500, 'x', { kind: 'uncertain', code: 'x' }],
    [499, 'x', { kind: 'permanent', code: 'x' }],
    [undefined, undefined, { kind: 'uncertain', code: 'no_status' }],
    [undefined, 'x', { kind: 'uncertain', code: 'x' }],
    [400, 'limit_not_found', { kind: 'transient', code: 'limit_not_found' }],
    [409, undefined, { kind: 'transient', code: 'status_409' }],
    [409, 'x', { kind: 'permanent', code: 'x' }],
    [408, 'x', { kind: 'transient', code: 'x' }],
    [425, 'x', { kind: 'transient', code: 'x' }],
    [429, 'x', { kind: 'transient', code: 'x' }],
    [418, undefined, { kind: 'permanent', code: 'status_418' }],
  ])('on status %s with code %s, with its words and its pause', (status, code, expected) => {
    const pause = expected.kind === 'permanent' ? {} : { retryAfterMs: 7 };
    expect(classifyAnswer({ status, code, reason, retryAfterMs: 7 })).toEqual({ ...expected, reason, ...pause });
  });

  test.each<[Partial<PayiErrorFacts>, object]>([
    [
      { payiStatus: 400, payiCode: 'x' },
      { kind: 'permanent', code: 'x' },
    ],
    [{ payiStatus: 401 }, { kind: 'transient', code: 'status_401' }],
    [{ kind: 'unavailable' }, { kind: 'transient', code: 'no_answer', retryAfterMs: undefined }],
    [
      { kind: 'unavailable', payiStatus: 429, retryAfterMs: 7 },
      { kind: 'transient', code: 'status_429', retryAfterMs: 7 },
    ],
    [
      { kind: 'uncertain', payiStatus: 502, payiCode: 'x' },
      { kind: 'uncertain', code: 'x' },
    ],
    [{ kind: 'uncertain' }, { kind: 'uncertain', code: 'no_answer' }],
  ])('on a call that failed as a whole: %j', (facts, expected) => {
    const error = failed(facts);
    expect(classifyError(error)).toMatchObject({ ...expected, reason: error.message });
  });
});

test('a pause that is asked for is spread, and never above the cap', () => {
  const due = (more: object) => nextAttemptAt({ attempt: 1, nowMs: 0, sinceMs: 0, random: 0.25, ...more });
  expect(due({})).toBe(1_250);
  expect(due({ retryAfterMs: 800 })).toBe(1_300);
  expect(due({ retryAfterMs: 10_000_000 })).toBe(900_500);
  expect(due({ attempt: 10 })).toBe(562_500);
  expect(due({ attempt: 9 })).toBe(320_000);
});
