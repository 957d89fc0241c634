import { expect, test } from 'vitest';
import { settingsSchema } from '../../shared/config/settings.ts';
import { checkReceiving, type EventStream, STANDS_STILL_MS } from '../../shared/diagnosis/receiving.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');
const settings = settingsSchema.parse({});
const early = nowMs - STANDS_STILL_MS - 1;
const flowing: EventStream = { queue: { messages: 0 }, recentEvents: 1 };
const find = (stream: Partial<EventStream>, change = {}) =>
  checkReceiving({ ...flowing, ...stream }, { ...settings, ...change }, nowMs);

test('events that have been on their way for a short time are well', () => {
  expect(find({}).ok).toBe(true);
  const queue = { messages: 3, queuedSinceMs: nowMs - STANDS_STILL_MS, waitingSinceMs: nowMs };
  expect(find({ queue, outboxSinceMs: nowMs, recentEvents: 0 })).toEqual({
    ok: true,
    found: 'Events arrive; 3 events on their way.',
    mend: null,
  });
});

test.each<[where: string, Partial<EventStream>, found: RegExp, mend: string]>([
  ['in the queue', { queue: { messages: 250, queuedSinceMs: early } }, /at least 250 events wait/, 'ingest-usage'],
  ['put off', { queue: { messages: 1, waitingSinceMs: early } }, /Pay-i did not take them/, '"payi"'],
  ['in the outbox', { outboxSinceMs: nowMs - 3 * 3_600_000 }, /outbox for 3 hours/, '"queues"'],
])('events that stand still %s are named with what holds them up', (_, stream, found, mend) => {
  const finding = find(stream);
  expect(finding).toMatchObject({ ok: false, found: expect.stringMatching(/^Not receiving: /) });
  expect(finding.found).toMatch(found);
  expect(finding.mend).toContain(mend);
});

test('where nothing was received, what keeps the front-end out is named', () => {
  expect(find({ recentEvents: 0 }).mend).toContain('"only":"path"');
  const open = find({ recentEvents: 0 }, { GATEWAY_ANONYMOUS: true });
  expect(open.mend).toContain('PAYI_PROXY_URL');
  expect(open.mend).not.toContain('"only":"path"');
});
