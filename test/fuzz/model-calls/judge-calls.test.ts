import { expect, test } from 'vitest';
import { type AttackedRequest, judgeCalls } from './judge-calls.ts';

const requests = new Map<string, AttackedRequest>([
  ['answered', { attack: 'a/1', meantFor: 'model', outcome: 200 }],
  ['left', { attack: 'a/2', meantFor: 'model', outcome: 'left' }],
  ['refused', { attack: 'a/3', meantFor: 'model', outcome: 402 }],
  ['counted', { attack: 'a/4', meantFor: 'counter', outcome: 200 }],
  ['without a right', { attack: 'a/5', meantFor: 'nothing', outcome: 401 }],
  ['let in', { attack: 'a/6', meantFor: 'nothing', outcome: 200 }],
]);
const [messages, count] = ['/v1/messages', '/v1/messages/count_tokens'];

test.each([
  ['of a request that is answered', 'answered', messages, 200],
  ['of a client that left', 'left', messages, 200],
  ['that the model refuses', 'refused', messages, 400],
])('a call %s is well formed', (_name, forRequest, path, status) => {
  expect(judgeCalls(requests, [{ forRequest, path, status }])).toEqual({ wellFormed: 1, faults: [] });
});

test.each([
  ['of a request for it', 'counted'],
  ['of a paid request, also of one that is refused', 'refused'],
])('a count of tokens %s is free', (_name, forRequest) => {
  expect(judgeCalls(requests, [{ forRequest, path: count, status: 200 }])).toEqual({ wellFormed: 0, faults: [] });
});

test.each([
  ['for no request', 'x', messages, 200],
  ['that does not say for which request', undefined, messages, 200],
  ['for a request without a right', 'without a right', messages, 200],
  ['for a request without a right, also where the model refuses', 'without a right', messages, 400],
  ['for a request without a right that was let in', 'let in', messages, 200],
  ['of a model for a request that only counts', 'counted', messages, 200],
  ['that is paid, for a request that is then refused', 'refused', messages, 200],
  ['that counts for a request without a right', 'without a right', count, 200],
])('a call %s is a fault', (_name, forRequest, path, status) => {
  const { wellFormed, faults } = judgeCalls(requests, [{ forRequest, path, status }]);
  expect([wellFormed, faults]).toEqual([0, [expect.stringContaining(path)]]);
});
