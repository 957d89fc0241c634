import { setTimeout as delay } from 'node:timers/promises';
import type { Audit } from '../../shared/audit/audit.ts';
import { eventNumber } from './events.ts';
import type { Fault } from './faults.ts';
import { type FaultRig, type RigOptions, startRig } from './rig.ts';

export interface FaultRow {
  fault: string;
  processes: number;
  /** Events that were acknowledged to their publisher: those that must arrive. */
  events: number;
  /** Acknowledged and not at Pay-i. */
  lost: number;
  /** At Pay-i more than once as if they were new. */
  doubled: number;
  /** From the end of the fault to the arrival of the last event, in ms; 0 when all was there before. */
  catchUpMs: number;
  /** Of the conservation check (D2) when all has come to rest: events in no state. */
  missing: number;
  /** Events in two states. */
  inTwoStates: number;
}

/** Nothing was lost, nothing came twice, and the app's own books say so too. */
export const isSound = (row: FaultRow): boolean => row.lost + row.doubled + row.missing + row.inTwoStates === 0;

export interface RunOptions extends RigOptions {
  events: number;
  /** The fault lasts so long, in ms; events are published all the while. */
  faultMs: number;
  /** How long after the fault the last event may arrive, in ms. */
  catchUpLimitMs: number;
  signal: AbortSignal;
  progress: (text: string) => void;
}

const CHUNKS = 40;

/** One row of the matrix: events flow while one fault stands; then it ends, and all of them must arrive once. */
export async function runFault(fault: Fault, options: RunOptions): Promise<FaultRow> {
  const rig = await startRig(options);
  try {
    const end = fault.begin(rig);
    const acknowledged = await publish(rig, options).finally(end);
    const ended = Date.now();
    options.progress(
      `${fault.name}: ${acknowledged.size} of ${options.events} acknowledged; waiting for the rest of them …`,
    );
    const arrivedAt = await untilAllArrived(rig, acknowledged, ended + options.catchUpLimitMs, options.signal);
    const books = await untilBooksAgree(rig, ended + options.catchUpLimitMs, options.signal);
    const events = [...rig.payi.inspect.events()];
    const arrived = new Set(events.map((event) => event.providerResponseId));
    return {
      fault: fault.name,
      processes: options.processes,
      events: acknowledged.size,
      lost: [...acknowledged].filter((id) => !arrived.has(id)).length,
      doubled: events.filter((event) => event.duplicates > 0).length,
      catchUpMs: Math.max(0, arrivedAt - ended),
      missing: books.missing.length,
      inTwoStates: books.doubled.length,
    };
  } finally {
    await rig.close();
  }
}

/** Publishes all events, spread over the time of the fault. @returns the response ids of those that were acknowledged */
async function publish(rig: FaultRig, options: RunOptions): Promise<Set<string>> {
  const acknowledged = new Set<string>();
  const started = Date.now();
  const inFlight: Promise<void>[] = [];
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    options.signal.throwIfAborted();
    for (
      let n = Math.floor((chunk * options.events) / CHUNKS);
      n < Math.floor(((chunk + 1) * options.events) / CHUNKS);
      n++
    ) {
      const event = eventNumber(n, Date.now());
      inFlight.push(
        rig.delivery.publisher.publish(event).then(
          () => void acknowledged.add(event.providerResponseId),
          // Told to the caller as 503: nobody was promised anything.
          () => undefined,
        ),
      );
    }
    await delay(Math.max(0, started + ((chunk + 1) * options.faultMs) / CHUNKS - Date.now()));
  }
  await Promise.all(inFlight);
  return acknowledged;
}

async function untilAllArrived(
  rig: FaultRig,
  ids: Set<string>,
  deadline: number,
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    if (rig.payi.inspect.summary().events >= ids.size) {
      const arrived = new Set([...rig.payi.inspect.events()].map((event) => event.providerResponseId));
      if ([...ids].every((id) => arrived.has(id))) return Date.now();
    }
    if (Date.now() > deadline) return Date.now();
    await delay(100, undefined, { signal });
  }
}

/** A message whose link was cut stays in the queue until its lock ends, also when its event has arrived long since. */
async function untilBooksAgree(rig: FaultRig, deadline: number, signal: AbortSignal): Promise<Audit> {
  for (;;) {
    const found = await rig.delivery.audit(2);
    if (found.ok || Date.now() > deadline) return found;
    await delay(1_000, undefined, { signal });
  }
}
