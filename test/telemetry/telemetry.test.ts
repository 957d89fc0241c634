import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterEach, expect, test, vi } from 'vitest';
import { describeError, jsonTelemetry } from '../../shared/telemetry/telemetry.ts';

const body = { type: 'error', error: { type: 'api_error', message: 'You said: meet me at the ford' } };
const headers = new Headers({ 'request-id': 'req_1', 'x-request-id': 'req_1' });

test.each([
  ['a status of Anthropic', Anthropic.APIError.generate(500, body, undefined, headers), 500],
  ['an error event in a stream', new Anthropic.APIError(undefined, body, JSON.stringify(body), headers), null],
  ['a body that is not JSON', Anthropic.APIError.generate(502, undefined, 'meet me at the ford', headers), 502],
  ['a status of OpenAI', OpenAI.APIError.generate(400, body, undefined, headers), 400],
])('the text of a provider stays out of logs: %s', (_name, error, providerStatus) => {
  const told = describeError(error);
  expect(told).toMatchObject({ providerStatus, providerRequestId: 'req_1' });
  expect(JSON.stringify(told)).not.toContain('ford');
});

test.each([
  [new Anthropic.APIConnectionError({ message: 'Connection error.' }), 'Connection error.'],
  [new Anthropic.APIConnectionTimeoutError(), 'Request timed out.'],
  [new TypeError('x is not a function'), 'x is not a function'],
])('our own words are logged: %s', (error, errorMessage) => {
  expect(describeError(error)).toMatchObject({ errorMessage });
});

test('no field of a line takes the place of its level or its event', () => {
  const lines: object[] = [];
  const telemetry = jsonTelemetry((line) => lines.push(JSON.parse(line)));
  telemetry.warn('limit-crossed', { level: 'reached', event: 'other', limitId: 'l' });
  telemetry.count('limits-crossed', 2, { level: 'reached' });
  telemetry.flush();
  expect(lines).toEqual([
    { level: 'warn', event: 'limit-crossed', limitId: 'l' },
    { level: 'metric', event: 'limits-crossed', by: 2 },
  ]);
});

afterEach(() => void vi.useRealTimers());

test('metrics are summed up by name and dimensions, and written once a minute', () => {
  vi.useFakeTimers();
  const lines: object[] = [];
  const telemetry = jsonTelemetry((line) => lines.push(JSON.parse(line)));
  telemetry.count('requests-failed', 1, { status: '402' });
  telemetry.count('requests-failed', 2, { status: '402' });
  telemetry.count('requests-failed', 1, { status: '500' });
  for (const value of [3, 1, 2]) telemetry.measure('hold-over-actual', value);
  vi.advanceTimersByTime(59_999);
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(1);
  const failed = { level: 'metric', event: 'requests-failed' };
  expect(lines.splice(0)).toEqual([
    { ...failed, status: '402', by: 3 },
    { ...failed, status: '500', by: 1 },
    { level: 'metric', event: 'hold-over-actual', count: 3, sum: 6, min: 1, max: 3 },
  ]);
  // Nothing new, nothing written; and what comes later starts again.
  vi.advanceTimersByTime(120_000);
  expect(lines).toEqual([]);
  telemetry.measure('hold-over-actual', 5);
  telemetry.flush();
  telemetry.flush();
  expect(lines).toEqual([{ level: 'metric', event: 'hold-over-actual', count: 1, sum: 5, min: 5, max: 5 }]);
});
