import { expect, test } from 'vitest';
import { isLogLine, leakIn } from '../support/log-leaks.ts';

test.each([
  ['{"level":"info","event":"model-called","userId":"sam@example.com"}', 'an e-mail address'],
  ['{"level":"warn","event":"x","key":"a-key-of-sixteen-characters"}', 'a key of the tests'],
  ['{"level":"warn","event":"x","header":"Bearer abcdefgh12345"}', 'a bearer token'],
  ['{"level":"error","event":"x","errorMessage":"Endpoint=sb://h/;SharedAccessKey=abc"}', 'a connection string'],
  ['{"level":"error","event":"x","token":"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"}', 'a JSON web token'],
  ['{"level":"error","event":"x","body":"{\\"messages\\":[]}"}', 'a request or an answer of a model'],
  ['{"level":"error","event":"x","body":"data:image/png;base64,AAAA"}', 'a picture'],
])('a line with what must not be logged is found: %s', (line, what) => expect(leakIn(line)).toContain(what));

test('other lines are not', () => {
  const line = '{"level":"info","event":"model-called","requestId":"a-1","userId":"user-4f1c","ms":4}';
  expect(isLogLine(line)).toBe(true);
  expect(leakIn(line)).toBeUndefined();
  expect(isLogLine('stdout | what a test says')).toBe(false);
});
