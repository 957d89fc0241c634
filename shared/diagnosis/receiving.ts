import type { Settings } from '../config/settings.ts';
import { LOOKED_AT, type QueueLook } from '../service-bus/look-at-queue.ts';
import { type Fault, type Finding, findingOf } from './check.ts';

/** Where events are on their way. Times are ms, UTC. */
export interface EventStream {
  queue: QueueLook;
  /** Since when the oldest event lies in the outbox; absent when it is empty. */
  outboxSinceMs?: number;
  /** Events of the last day that Pay-i was sent. */
  recentEvents: number;
}

/** An event is at Pay-i within seconds; after this it stands still. */
export const STANDS_STILL_MS = 120_000;

/** Do events arrive at Pay-i? */
export function checkReceiving(stream: EventStream, settings: Settings, nowMs: number): Finding {
  const { queue, outboxSinceMs, recentEvents } = stream;
  const late = (sinceMs: number | undefined): sinceMs is number =>
    sinceMs !== undefined && nowMs - sinceMs > STANDS_STILL_MS;
  const faults: Fault[] = [];
  if (late(queue.queuedSinceMs))
    faults.push({
      found: `Not receiving: ${countOf(queue)} wait in ${settings.USAGE_QUEUE}, the oldest for ${ago(nowMs - queue.queuedSinceMs)}, and nobody takes them.`,
      mend: 'Start the app, or look whether its function ingest-usage is enabled and may receive from the queue.',
    });
  if (late(queue.waitingSinceMs))
    faults.push({
      found: `Not receiving: events were put off because Pay-i did not take them, the first for ${ago(nowMs - queue.waitingSinceMs)}.`,
      mend: 'See the check "payi". They are sent again by themselves for three days.',
    });
  if (late(outboxSinceMs))
    faults.push({
      found: `Not receiving: events lie in the outbox for ${ago(nowMs - outboxSinceMs)}, since Service Bus does not take them.`,
      mend: 'See the check "queues". The timer outbox-flush sends them once it does.',
    });
  const onTheirWay = queue.messages > 0 || outboxSinceMs !== undefined;
  if (faults.length === 0 && !onTheirWay && recentEvents === 0)
    faults.push({
      found: 'Not receiving: no call of a model was reported in the last 24 hours.',
      mend: howToCall(settings),
    });
  return findingOf(
    faults,
    onTheirWay ? `Events arrive; ${countOf(queue)} on their way.` : 'Events arrive; none waits.',
  );
}

/** What keeps callers out, where something does. */
function howToCall(settings: Settings): string {
  const isOpenToPaths = settings.GATEWAY_ANONYMOUS || Object.values(settings.ACCESS_KEYS).some(({ only }) => only);
  const proxy = isOpenToPaths
    ? 'set PAYI_PROXY_URL of the front-end to the address of this app, with /p/ and the key where it has one'
    : 'for a front-end with PAYI_PROXY_URL, which sends no key, add one with "only":"path" to ACCESS_KEYS and put it in the URL: https://APP/p/KEY';
  return `If somebody used the app, look whether requests reach this app (GET /api/health), and ${proxy}.`;
}

const countOf = ({ messages }: QueueLook): string =>
  `${messages === LOOKED_AT ? `at least ${messages}` : messages} event${messages === 1 ? '' : 's'}`;

/** A duration in words. */
function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return minutes < 120 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} hours`;
}
