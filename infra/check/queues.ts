import type { BrokerConfig } from '../local/servicebus/src/config.ts';
import { membersOf, type Placed } from './template.ts';

/** How long working on a batch may take, in ms. */
export interface BatchTimes {
  /** After this the batch begins nothing more, and puts the rest off. */
  batchMs: number;
  /** Of one call, and so the most that may follow the batch's own end. */
  callMs: number;
  /** After this the host ends the function. */
  functionTimeoutMs: number;
}

/** ISO 8601 durations of whole days, hours, minutes and seconds, in ms. */
export function durationMs(text: string): number {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text) ?? [];
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}

function cloudQueues(placed: Placed[]) {
  return placed
    .filter(({ resource }) => resource.type === 'Microsoft.ServiceBus/namespaces/queues')
    .map(({ resource, template }) => {
      const is = membersOf(resource.properties, template);
      const name = /'([\w-]+)'\)\]$/.exec(resource.name)?.[1] ?? resource.name;
      return {
        name,
        lockDurationMs: durationMs(String(is['lockDuration'])),
        maxDeliveryCount: is['maxDeliveryCount'],
        defaultTtlMs: durationMs(String(is['defaultMessageTimeToLive'])),
        deadLetterOnExpiry: is['deadLetteringOnMessageExpiration'] === true,
        duplicateWindowMs: is['requiresDuplicateDetection']
          ? durationMs(String(is['duplicateDetectionHistoryTimeWindow']))
          : undefined,
      };
    });
}

/** Differences between the queues of a deployment and those of the laptop, as texts. */
export function queueDifferences(placed: Placed[], local: BrokerConfig): string[] {
  const cloud = cloudQueues(placed);
  const here = new Map(local.queues.map((queue) => [queue.name, queue]));
  const missing = [...here.keys()].filter((name) => !cloud.some((queue) => queue.name === name));
  return [
    ...missing.map((name) => `${name} is not in Azure`),
    ...cloud.flatMap(({ name, ...rules }) => {
      const laptop = here.get(name);
      if (!laptop) return [`${name} is not on the laptop`];
      return Object.entries(rules)
        .filter(([rule, value]) => laptop[rule as keyof typeof rules] !== value)
        .map(([rule, value]) => `${name}: ${rule} is ${value}, on the laptop ${laptop[rule as keyof typeof rules]}`);
    }),
  ];
}

/** Left over at each step for what has no bound of its own: a pause of the machine, a slow table. */
const MARGIN_MS = 30_000;

/** The host renews no lock of a batch: a message whose lock ended is worked on twice. */
export function timeProblems(placed: Placed[], { batchMs, callMs, functionTimeoutMs }: BatchTimes): string[] {
  const batchEndMs = batchMs + callMs;
  const problems = cloudQueues(placed)
    .filter(({ lockDurationMs }) => lockDurationMs < functionTimeoutMs + MARGIN_MS)
    .map(
      ({ name, lockDurationMs }) =>
        `${name}: locks end after ${lockDurationMs} ms, functions after ${functionTimeoutMs} ms`,
    );
  return batchEndMs + MARGIN_MS <= functionTimeoutMs
    ? problems
    : [`a batch may take ${batchEndMs} ms, its function ${functionTimeoutMs} ms`, ...problems];
}
