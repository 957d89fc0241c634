import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conservation } from '../../shared/audit/conservation.ts';
import { decodeQueuedEvent } from '../../shared/events/queued-event.ts';
import { perItem } from '../../shared/ingest/ingest-answer.ts';
import { classifyAnswer } from '../../shared/ingest/ingest-result.ts';
import { nextAttemptAt } from '../../shared/ingest/retry-schedule.ts';
import { partitionOf } from '../../shared/ledger/ledger-row.ts';
import { receivedBatch } from '../../shared/service-bus/received-batch.ts';
import { fromColumns, toColumns } from '../../shared/tables/text-columns.ts';
import { split } from '../../shared/util/split.ts';
import { usageEvent } from '../support/events.ts';

test.each([
  [400, 'request_processing_error', 'permanent'],
  [400, 'blocking_limit_not_allowed', 'permanent'],
  [400, 'invalid_ingest_event_timestamp', 'transient'],
  [400, 'invalid_limit_ids', 'transient'],
  [404, 'use_case_not_found', 'transient'],
  [401, 'invalid_api_key', 'transient'],
  [400, 'header_is_missing', 'permanent'],
  [400, 'required_field_missing', 'permanent'],
  [400, 'invalid_json', 'permanent'],
  [400, 'duplicate_limit_id', 'permanent'],
  [400, 'invalid_use_case_name', 'permanent'],
  [400, 'limit_reached', 'permanent'],
  [400, 'limit_not_found', 'transient'],
  [400, 'use_case_instance_not_found', 'transient'],
  [400, 'category_not_found', 'transient'],
  [400, 'category_resource_not_found', 'transient'],
  [400, 'unexpected_error', 'transient'],
  [500, 'unexpected_error', 'uncertain'],
  [400, 'a_code_of_tomorrow', 'permanent'],
  [401, undefined, 'transient'],
  [424, undefined, 'transient'],
  [425, undefined, 'transient'],
  [400, undefined, 'permanent'],
  [403, undefined, 'transient'],
  [404, undefined, 'transient'],
  [408, undefined, 'transient'],
  [409, undefined, 'transient'],
  [422, undefined, 'permanent'],
  [429, 'too_many', 'transient'],
  [500, undefined, 'uncertain'],
  [502, 'gateway', 'uncertain'],
  [503, undefined, 'transient'],
  [504, undefined, 'uncertain'],
  [undefined, undefined, 'uncertain'],
])('status %s with code %s is %s', (status, code, kind) => {
  expect(classifyAnswer({ status, code, reason: 'r' }).kind).toBe(kind);
});

test('a bulk that does not add up leaves the items in doubt that it names no error for', () => {
  const error = { item_index: 1, xproxy_result: { statusCode: 400 } };
  expect(perItem({ ingest_count: 2, errors: [error] }, 3).map(({ kind }) => kind)).toEqual([
    'accepted',
    'permanent',
    'accepted',
  ]);
  expect(perItem({ ingest_count: 1, errors: [error] }, 3).map(({ kind }) => kind)).toEqual([
    'uncertain',
    'permanent',
    'uncertain',
  ]);
  expect(perItem({ ingest_count: 2, errors: [{}] }, 3).map(({ kind }) => kind)).toEqual([
    'uncertain',
    'uncertain',
    'uncertain',
  ]);
});

test.each([
  [1, 0, 0, 1_000],
  [1, 0, 0.999_999, 2_000],
  [4, 0, 0, 8_000],
  [1_000, 0, 0, 450_000],
  [1_000, 0, 0.999_999, 900_000],
  [1, 60_000, 0, 60_000],
  [1, 60_000, 0.5, 61_000],
  [1, 86_400_000, 0, 900_000],
])('attempt %i with Retry-After %i ms and random %f is due after %i ms', (attempt, retryAfterMs, random, afterMs) => {
  const dueAt = nextAttemptAt({ attempt, nowMs: 1_000_000, sinceMs: 1_000_000, retryAfterMs, random });
  expect(dueAt).toBe(1_000_000 + afterMs);
});

test('after three days it is given up', () => {
  const day = 24 * 3_600_000;
  expect(nextAttemptAt({ attempt: 9, nowMs: 3 * day, sinceMs: 1, random: 0 })).toBeGreaterThan(3 * day);
  expect(nextAttemptAt({ attempt: 9, nowMs: 3 * day, sinceMs: 0, random: 0 })).toBeUndefined();
});

test.each<[Record<string, unknown>, { attempt: number; remaining: string; sinceMs?: number }]>([
  [
    { kind: 'usage', attempt: 0 },
    { attempt: 0, remaining: 'all' },
  ],
  [
    { attempt: 2, remaining: 'kpis', since: 5 },
    { attempt: 2, remaining: 'kpis', sinceMs: 5 },
  ],
  [{}, { attempt: 0, remaining: 'all' }],
  [
    { attempt: '3', since: '5' },
    { attempt: 3, remaining: 'all', sinceMs: 5 },
  ],
  // Somebody changed them: Pay-i is asked first.
  [{ attempt: -1 }, { attempt: 1, remaining: 'all' }],
  [
    { attempt: 0, remaining: 'nothing', since: 'yesterday' },
    { attempt: 1, remaining: 'all' },
  ],
])('a message with the properties %j', (properties, expected) => {
  const event = usageEvent();
  expect(decodeQueuedEvent({ body: event, properties })).toEqual({ ok: true, outgoing: { event, ...expected } });
});

test('splitting keeps all items in order, within count and bytes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 })),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 100 }),
      (items, most, bytes) => {
        const runs = split(items, (item) => item, most, bytes);
        expect(runs.flat()).toEqual(items);
        for (const run of runs) {
          expect(run.length).toBeLessThanOrEqual(most);
          if (run.length > 1) expect(run.reduce((a, b) => a + b)).toBeLessThanOrEqual(bytes);
        }
      },
    ),
  );
});

test('conservation names what is in no state and what is in two', () => {
  const found = conservation({
    registered: ['a', 'b', 'c', 'd'],
    outbox: ['a'],
    queued: ['b', 'b'],
    waiting: [],
    ingested: ['b', 'c', 'e'],
    deadLettered: [],
    discarded: [],
  });
  expect(found).toEqual({
    states: { outbox: 1, queued: 1, waiting: 0, ingested: 3, deadLettered: 0, discarded: 0 },
    missing: ['d'],
    doubled: [{ eventId: 'b', states: ['queued', 'ingested'] }],
  });
});

test('a long text goes through columns unchanged', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 1, max: 400 }), (text, times) => {
      expect(fromColumns(toColumns(text.repeat(times)))).toBe(text.repeat(times));
    }),
  );
});

test('a row of the ledger is found by the id of its event', () => {
  expect(partitionOf('01a207d9-2100-7359-bb27-30c8a76ff09e')).toMatch(/^[0-3]-20\d\d-\d\d-\d\dT\d\d:\d\d$/);
});

test('ids that the library parsed are texts again; metadata that does not line up makes everything redelivered', () => {
  const lined = {
    messageIdArray: [456, 'b'],
    deliveryCountArray: [1, 2],
    applicationPropertiesArray: [{ attempt: 1 }, {}],
  };
  expect(receivedBatch([{}, 'text'], lined)).toEqual([
    { body: {}, messageId: '456', redelivered: false, properties: { attempt: 1 } },
    { body: 'text', messageId: 'b', redelivered: true, properties: {} },
  ]);
  expect(receivedBatch([{}, {}], { ...lined, deliveryCountArray: [1] }).map(({ redelivered }) => redelivered)).toEqual([
    true,
    true,
  ]);
});
