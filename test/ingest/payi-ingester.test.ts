import { expect, test } from 'vitest';
import type { IngestResult } from '../../shared/ingest/ingest-result.ts';
import { createPayiIngester, type PayiIngesterOptions, type Permit } from '../../shared/ingest/payi-ingester.ts';
import { PayiError } from '../../shared/payi/transport/error.ts';
import { manualClock, noting, usageEvent } from '../support/events.ts';

const CALL_MS = 10_000;
const outOfTime: IngestResult = { kind: 'transient', code: 'out_of_time', reason: 'test' };

/** A Pay-i each of whose calls takes 10 s and which refuses every bulk of more than one; the batch has half a minute. */
function slowPayi(mode: PayiIngesterOptions['mode']) {
  const clock = manualClock();
  const deadlineMs = clock.now() + 30_000;
  const calls = { bulk: 0, single: 0, lookUp: 0 };
  const spend = (name: keyof typeof calls) => {
    calls[name] += 1;
    clock.nowMs += CALL_MS;
  };
  const bulk = async (items: unknown[]) => {
    spend('bulk');
    if (items.length > 1)
      throw new PayiError({
        kind: 'rejected',
        request: 'POST',
        reason: 'invalid',
        payiStatus: 400,
        payiCode: 'invalid_json',
      });
    return { ingest_count: 1, errors: [] };
  };
  const payi = {
    ingest: {
      bulk,
      bulkUpsert: bulk,
      single: async () => {
        spend('single');
        return { request_id: 'r', xproxy_result: {} };
      },
    },
    requests: {
      byProvider: async () => {
        spend('lookUp');
        return { request_id: 'known' };
      },
    },
  } as unknown as PayiIngesterOptions['payi'];
  const sink = createPayiIngester({
    payi,
    mode,
    maxItems: 100,
    maxBytes: 1e6,
    report: () => undefined,
    clock,
    telemetry: noting(),
  });
  const goOn = () => (clock.now() >= deadlineMs ? outOfTime : undefined);
  const permit: Permit = { begin: goOn, goOn };
  return { sink, permit, calls };
}

const entries = (count: number, tried = false) => Array.from({ length: count }, () => ({ event: usageEvent(), tried }));
const kinds = (verdicts: IngestResult[]) =>
  verdicts.map((verdict) => ('code' in verdict ? verdict.code : verdict.kind));

test('halving stops when the time of the batch is over; what was not reached is put off', async () => {
  const { sink, permit, calls } = slowPayi('bulk-upsert');
  const verdicts = await sink.ingest(entries(64), permit);
  expect(calls.bulk).toBe(3);
  expect(verdicts).toHaveLength(64);
  expect(new Set(kinds(verdicts))).toEqual(new Set(['out_of_time']));
});

test('single calls stop when the time of the batch is over; those that were made count', async () => {
  const { sink, permit, calls } = slowPayi('single');
  const verdicts = await sink.ingest(entries(40), permit);
  expect(calls.single).toBeLessThan(40);
  expect(kinds(verdicts).filter((kind) => kind === 'accepted')).toHaveLength(calls.single);
  expect(kinds(verdicts).filter((kind) => kind === 'out_of_time')).toHaveLength(40 - calls.single);
});

test('look-ups stop when the time of the batch is over; nothing is sent that was not looked up', async () => {
  const { sink, permit, calls } = slowPayi('bulk');
  const verdicts = await sink.ingest(entries(40, true), permit);
  expect(calls.bulk).toBe(0);
  expect(kinds(verdicts).filter((kind) => kind === 'duplicate')).toHaveLength(calls.lookUp);
  expect(kinds(verdicts).filter((kind) => kind === 'out_of_time')).toHaveLength(40 - calls.lookUp);
});
