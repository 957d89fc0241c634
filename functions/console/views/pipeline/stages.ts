import type { Waiting, WaitingGroup } from './load.ts';

/** A place where events wait, with how many and since when. */
export interface Stage {
  place: WaitingGroup['place'];
  name: string;
  note: string;
  events: number;
  /** ISO 8601; null where nothing waits. */
  since: string | null;
}

/** The places in the order in which an event passes them. */
const places: readonly Pick<Stage, 'place' | 'name' | 'note'>[] = [
  { place: 'outbox', name: 'Outbox', note: 'not yet in the queue' },
  { place: 'queue', name: 'Queue', note: 'answered, not yet at Pay-i' },
  { place: 'retry', name: 'Put off', note: 'Pay-i did not take them' },
  { place: 'deadLetters', name: 'Dead letters', note: 'given up' },
];

/** Every place, also those where nothing waits. */
export const stagesOf = (waiting: Pick<Waiting, 'groups'> | undefined): Stage[] =>
  places.map((place) => {
    const groups = waiting?.groups.filter((group) => group.place === place.place) ?? [];
    return {
      ...place,
      events: groups.reduce((sum, { events }) => sum + events, 0),
      since: groups.map(({ since }) => since).sort()[0] ?? null,
    };
  });
