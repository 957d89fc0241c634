import { expect, test } from 'vitest';
import { undescribed, wholeAnswer } from './described-answer.ts';

const sent = { method: 'GET', target: '/api/limits', headers: [], content: Buffer.alloc(0) };
const answer = (status: number, body: unknown) => {
  const text = JSON.stringify(body);
  const head = `HTTP/1.1 ${status} x\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${text.length}\r\n\r\n`;
  return undescribed(sent, status, head + text);
};

test('an answer as described, of another status, or of another form', () => {
  expect(answer(401, { success: false, error: 'x', code: 'not_authenticated' })).toBeUndefined();
  expect(answer(418, {})).toContain('418');
  expect(answer(401, { error: 'x' })).toContain('not as');
});

test.each([
  ['with a length', 'content-type: a/b; c\r\ncontent-length: 2\r\n\r\nnomore', { type: 'a/b', body: 'no' }],
  ['in chunks', 'transfer-encoding: chunked\r\n\r\n2\r\nno\r\n1\r\n!\r\n0\r\n\r\n', { type: '', body: 'no!' }],
  ['that is cut', 'content-length: 3\r\n\r\nno', undefined],
  ['that is cut between chunks', 'transfer-encoding: chunked\r\n\r\n2\r\nno\r\n', undefined],
])('an answer %s', (_name, received, whole) => {
  expect(wholeAnswer(`HTTP/1.1 200 OK\r\n${received}`)).toEqual(whole);
});
