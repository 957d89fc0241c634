import { expect, test } from 'vitest';
import { TrailmeterError } from '../../shared/errors/trailmeter-error.ts';
import { reportFailure } from '../../shared/telemetry/report-failure.ts';
import { recording } from '../support/recording.ts';

const reported = (status: number, code: string) => {
  const { telemetry, lines } = recording();
  reportFailure(telemetry, 'passMessage', { status, code }, new TrailmeterError(code, 'text', { status }));
  return lines.filter(({ level }) => level !== 'count').map(({ level, event }) => `${level} ${event}`);
};

// The alert `requests-failed` counts lines of `request-failed`.
test.each([
  ['what the caller did wrong', 400, 'invalid_request', []],
  ['what we did wrong', 500, 'internal_error', ['error request-failed']],
  ['a service that failed', 503, 'table_busy', ['error request-failed']],
  ['load that passes by itself', 503, 'busy', ['warn request-turned-away']],
])('%s: %i %s', (_what, status, code, lines) => {
  expect(reported(status, code)).toEqual(lines);
});
