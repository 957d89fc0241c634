import type { Delivered, Waiting, WaitingGroup } from './load.ts';

/** A place on the way of events, with how many are there. */
export interface Stage {
  place: WaitingGroup['place'] | 'sent' | 'scored';
  name: string;
  note: string;
  /** undefined while it is not known. */
  events: number | undefined;
  /** Since when the oldest waits, ISO 8601; null where nothing waits. */
  since: string | null;
}

/** The places in the order in which an event passes them. */
const places: readonly Pick<Stage, 'place' | 'name' | 'note'>[] = [
  { place: 'outbox', name: 'Outbox', note: 'not yet in the queue' },
  { place: 'queue', name: 'Queue', note: 'answered, not yet sent' },
  { place: 'sent', name: 'Sent to Pay-i', note: 'calls, last 24 hours' },
  { place: 'retry', name: 'Put off', note: 'Pay-i did not take them' },
  { place: 'scored', name: 'Scored', note: 'instances, last 24 hours' },
  { place: 'deadLetters', name: 'Dead letters', note: 'given up' },
];

/** Every place, also those where nothing waits. @param delivered of the last 24 hours */
export const stagesOf = (
  waiting: Pick<Waiting, 'groups'> | undefined,
  delivered: DeliveredFigures | undefined,
): Stage[] =>
  places.map((place) => {
    if (place.place === 'sent' || place.place === 'scored')
      return { ...place, events: delivered?.[place.place], since: null };
    const groups = waiting?.groups.filter((group) => group.place === place.place) ?? [];
    return {
      ...place,
      events: waiting && groups.reduce((sum, { events }) => sum + events, 0),
      since: groups.map(({ since }) => since).sort()[0] ?? null,
    };
  });

/** Calls that were sent to Pay-i, and instances that have a score. */
export interface DeliveredFigures {
  sent: number;
  scored: number;
}

/** Each instance has a score of a KPI once, so those of the KPI with the most scores are counted: the others are of the same ones. */
export const deliveredFigures = ({ rows }: Delivered): DeliveredFigures => ({
  sent: rows.reduce((sum, { requests }) => sum + requests, 0),
  scored: rows.reduce((sum, { kpis }) => sum + Math.max(0, ...kpis.map(({ scored }) => scored)), 0),
});

export const deadLettersOf = (waiting: Pick<Waiting, 'groups'> | undefined): number | undefined =>
  stagesOf(waiting, undefined).find(({ place }) => place === 'deadLetters')?.events;
