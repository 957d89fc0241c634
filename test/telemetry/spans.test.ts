import { afterEach, expect, test, vi } from 'vitest';
import { firstSend, toMessage } from '../../shared/events/queued-event.ts';
import { startOtlp } from '../../shared/telemetry/otlp.ts';
import {
  currentTraceparent,
  insideSpan,
  isTracing,
  parseTraceparent,
  startSpan,
  traceTo,
} from '../../shared/telemetry/spans.ts';
import { usageEvent } from '../support/events.ts';
import { startCollector } from './collector.ts';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const UNSAMPLED = '00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203331-00';

afterEach(() => {
  traceTo(undefined);
  vi.unstubAllEnvs();
});

async function exporting(status?: number) {
  const collector = await startCollector(status);
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
  const lost: number[] = [];
  const tracing = startOtlp({
    serviceName: 'app',
    version: '1',
    environment: 'test',
    lost: (spans) => lost.push(spans),
  });
  traceTo(tracing);
  return { collector, tracing, lost };
}

test('while tracing is off nothing is made, and nothing is known of a span around', () => {
  const options = vi.fn();
  const span = startSpan(options, options);
  span.set({ any: 1 });
  span.end('error');
  expect(options).not.toHaveBeenCalled();
  expect(span.traceparent).toBeUndefined();
  expect(isTracing()).toBe(false);
  expect(insideSpan(PARENT, currentTraceparent)).toBeUndefined();
});

test('a span has its parent, links, attributes and error, and is sent when the process ends', async () => {
  const { collector, tracing } = await exporting();
  const span = startSpan(
    () => 'work',
    () => ({ kind: 'client', parent: PARENT, links: [UNSAMPLED], startMs: 1_000, attributes: { a: 1, b: undefined } }),
  );
  expect(insideSpan(span.traceparent, currentTraceparent)).toBe(span.traceparent);
  span.set({ c: 'text', d: true, e: 0.5 });
  span.end('limit_reached');
  await tracing.close();
  expect(collector.spans).toMatchObject([
    {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
      name: 'work',
      kind: 3,
      isError: true,
      attributes: { a: 1, c: 'text', d: true, e: 0.5, 'error.type': 'limit_reached' },
      links: [{ traceId: '0af7651916cd43dd8448eb211c80319d' }],
    },
  ]);
  expect(collector.spans[0]?.attributes).not.toHaveProperty('b');
  await collector.close();
});

test('a trace that its caller does not sample is not sent, and stays so', async () => {
  const { collector, tracing } = await exporting();
  const span = startSpan(
    () => 'work',
    () => ({ kind: 'server', parent: UNSAMPLED }),
  );
  expect(span.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319d-[0-9a-f]{16}-00$/);
  span.end();
  await tracing.close();
  expect(collector.spans).toEqual([]);
  await collector.close();
});

test('spans that the collector refuses are counted, and nothing fails', async () => {
  const { collector, tracing, lost } = await exporting(400);
  startSpan(
    () => 'work',
    () => ({ kind: 'server' }),
  ).end();
  await tracing.close().catch(() => undefined);
  expect(lost).toEqual([1]);
  await collector.close();
});

test('a message carries the trace of its event, also by the name that Azure knows', () => {
  const event = usageEvent({ traceparent: PARENT });
  expect(toMessage(firstSend(event)).applicationProperties).toMatchObject({
    traceparent: PARENT,
    'Diagnostic-Id': PARENT,
  });
  expect(toMessage(firstSend(usageEvent())).applicationProperties).not.toHaveProperty('traceparent');
});

test.each([
  [PARENT, PARENT],
  ['00-xyz', undefined],
  ['', undefined],
  [null, undefined],
])('the header %j is read as %j', (header, read) => expect(parseTraceparent(header)).toBe(read));
