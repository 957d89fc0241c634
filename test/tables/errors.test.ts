import { expect, test } from 'vitest';
import { failure, failureOf } from '../../shared/http/answer.ts';
import { toTableError } from '../../shared/tables/errors.ts';

const refused = (statusCode: number, code: string, retryAfter?: string) => ({
  statusCode,
  code,
  response: { headers: new Map(retryAfter === undefined ? [] : [['retry-after', retryAfter]]) },
});

test.each([
  ['no connection', { code: 'ECONNREFUSED' }, 503, 'table_busy', '2'],
  ['a connection that broke', { code: 'ECONNRESET' }, 503, 'table_uncertain', '2'],
  ['no answer in time', { name: 'AbortError' }, 503, 'table_uncertain', '2'],
  ['throttled', refused(503, 'ServerBusy'), 503, 'table_busy', '2'],
  ['throttled for a time', refused(429, 'TooManyRequests', '7'), 503, 'table_busy', '7'],
  ['a failure of the service', refused(500, 'InternalError'), 503, 'table_uncertain', '2'],
  ['a row that is there', refused(409, 'EntityAlreadyExists'), 409, 'row_exists', undefined],
  ['a row that was changed', refused(412, 'UpdateConditionNotSatisfied'), 409, 'row_changed', undefined],
  ['a row that is gone', refused(404, 'ResourceNotFound'), 409, 'row_changed', undefined],
  ['a table that is gone', refused(404, 'TableNotFound'), 503, 'table_missing', undefined],
  ['a table that is being deleted', refused(409, 'TableBeingDeleted'), 503, 'table_missing', undefined],
  ['a missing right', refused(403, 'AuthorizationFailure'), 500, 'table_refused', undefined],
])('%s, as a caller sees it', (_name, cause, status, code, retryAfter) => {
  const answer = failure(failureOf(toTableError('t', cause)));
  expect([answer.status, answer.headers['retry-after']]).toEqual([status, retryAfter]);
  expect(JSON.parse(String(answer.body)).code).toBe(code);
});
