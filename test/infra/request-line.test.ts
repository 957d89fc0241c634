import { expect, test } from 'vitest';
import { createActivityLines } from '../../infra/local/activity-lines.ts';
import { describeBatchEnd } from '../../infra/local/batch-line.ts';
import type { Exchange } from '../../infra/local/functions-host/src/host.ts';
import { describeRequest } from '../../infra/local/request-line.ts';
import { SpendingByInstance } from '../../infra/local/spending.ts';
import { usageEvent } from '../support/events.ts';

const exchange = (given: Partial<Exchange>): Exchange => ({
  method: 'POST',
  url: '/api/judge',
  requestHeaders: {},
  status: 200,
  headers: { 'x-request-id': 'r-1' },
  body: Buffer.from(''),
  ms: 12.4,
  ...given,
});
const event = (id: string, estimatedCost: number | null) =>
  usageEvent({ estimatedCost, useCase: { name: 'trail_finder', id } });
const bodyOf = (value: object) => Buffer.from(JSON.stringify(value));

test('a request is shown with what its instance cost, each event once', () => {
  const spending = new SpendingByInstance();
  const first = bodyOf(event('i-1', 1_500_000));
  for (const body of [first, first, bodyOf(event('i-1', 500_000)), bodyOf(event('i-2', 7)), Buffer.from('no JSON')])
    spending.add(body);
  const body = Buffer.from('{"data":{"metrics":{"use_case_id":"i-1"}}}');
  expect(describeRequest(exchange({ body }), spending)).toBe(
    'POST  /api/judge  200  12 ms  $0.002000  trail_finder  i-1  request r-1',
  );
  expect(describeRequest(exchange({ headers: { 'x-use-case-id': 'i-1' } }), spending)).toContain('$0.000000');
});

test('a model without a price is not shown as free', () => {
  const spending = new SpendingByInstance();
  for (const cost of [5, null, 7]) spending.add(bodyOf(event('i-1', cost)));
  expect(describeRequest(exchange({ headers: { 'x-use-case-id': 'i-1' } }), spending)).toContain('no price');
});

test('neither the query nor the access key of a path is shown', () => {
  const line = (url: string) => describeRequest(exchange({ url, headers: {} }), new SpendingByInstance());
  expect(line('/api/limits?code=secret')).toBe('POST  /api/limits  200  12 ms');
  expect(line('/p/a-key/analyze')).toBe('POST  /p/…/analyze  200  12 ms');
});

test('a client that left before its answer is shown', () => {
  expect(describeRequest(exchange({ status: undefined, headers: {} }), new SpendingByInstance())).toContain('  left  ');
});

test('a batch is shown with what became of its events', () => {
  const line = (facts: object) =>
    describeBatchEnd(`[ingest-usage] ${JSON.stringify({ level: 'info', event: 'batch-ended', ...facts })}`);
  expect(line({ ingested: 1, duplicates: 0, putOff: 0, deadLettered: 0, costUsd: 0.0123, ms: 5 })).toBe(
    'BATCH  1 event reached Pay-i, $0.012300  5 ms',
  );
  expect(line({ ingested: 2, duplicates: 1, putOff: 3, deadLettered: 4, costUsd: 0, ms: 5 })).toBe(
    'BATCH  2 events reached Pay-i, 1 of them known there already, 3 will be tried again later, 4 given up: npm run dead-letters -- list  5 ms',
  );
  expect(describeBatchEnd('{"level":"info","event":"limit-reset"}')).toBeUndefined();
});

test('quiet, requests and batches are left out, and the log of the app stays', () => {
  const print = (isQuiet: boolean): string[] => {
    const printed: string[] = [];
    const { log, onExchange } = createActivityLines((line) => printed.push(line), isQuiet);
    log?.('{"level":"warn","event":"send-failed"}');
    log?.('{"level":"info","event":"batch-ended","ingested":2,"ms":5}');
    onExchange?.(exchange({}));
    return printed;
  };
  expect(print(true)).toEqual(['{"level":"warn","event":"send-failed"}']);
  expect(print(false)).toHaveLength(3);
});
