import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Closer } from '../../../infra/local/all-or-none.ts';
import { startHost } from '../../../infra/local/functions-host/src/host.ts';
import { startServices } from '../../../infra/local/services.ts';
import { firstSend } from '../../../shared/events/queued-event.ts';
import { openServiceBus } from '../../../shared/service-bus/client.ts';
import { openUsageQueue } from '../../../shared/service-bus/usage-queue.ts';
import { uuidV7 } from '../../../shared/util/ids.ts';
import { usageEvent } from '../../support/events.ts';
import { type InstanceIds, idOfInstance } from './instance-ids.ts';

/** An app that ingests from a queue of its own, in one process under the local host. */
export interface IngestingApp {
  /** CPU that its process takes for so many events, from the queue to the ledger: µs an event. */
  ingest(events: number, ids: InstanceIds): Promise<number>;
}

const TICK_US = 10_000;
const PAUSE_MS = 5;
/** In which what comes after Pay-i, such as the ledger, has ended. */
const REST_MS = 500;

export async function startIngestingApp(appDirectory: string, stands: (closer: Closer) => void): Promise<IngestingApp> {
  const { settings, payi } = await startServices({ settings: { DEV_IDENTITY: '' } }, stands);
  const host = await startHost({ appDirectory, env: settings, log: () => undefined });
  stands(() => host.close());
  const client = openServiceBus({ connection: settings['ServiceBusConnection'], timeoutMs: 30_000 });
  stands(() => client.close());
  const queue = openUsageQueue(client, 'usage-events');
  const arrived = () => payi?.inspect.summary().events ?? 0;
  return {
    async ingest(events, ids) {
      const known = arrived();
      const pid = host.instances[0]?.pid ?? 0;
      const made = Array.from({ length: events }, () => {
        const eventId = uuidV7(Date.now());
        return usageEvent({ eventId, useCase: { name: 'trail_search', id: idOfInstance(eventId, ids), version: 1 } });
      });
      const before = cpuOf(pid);
      await queue.send(made.map((event) => ({ outgoing: firstSend(event) })));
      while (arrived() - known < events) await delay(PAUSE_MS);
      await delay(REST_MS);
      return (cpuOf(pid) - before) / events;
    },
  };
}

/** µs, of all threads of a process (`/proc/PID/stat`, in ticks of 10 ms). */
function cpuOf(pid: number): number {
  // The name, in brackets, may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}
