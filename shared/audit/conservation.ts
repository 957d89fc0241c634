/** The states of an event (D2 in shared/README.md). */
export const deliveryStates = ['outbox', 'queued', 'waiting', 'ingested', 'deadLettered', 'discarded'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** Which events were seen in which state, and which were published. */
export type Listing = Record<DeliveryState, Iterable<string>> & { registered: Iterable<string> };

export interface Conservation {
  /** Events in each state; one in two states counts in both. */
  states: Record<DeliveryState, number>;
  /** Published, and in no state. */
  missing: string[];
  /** In more than one state. */
  doubled: { eventId: string; states: DeliveryState[] }[];
}

/** Whether every event is in exactly one state (D2). */
export function conservation(listing: Listing): Conservation {
  const seen = new Map<string, DeliveryState | DeliveryState[]>();
  const states = { outbox: 0, queued: 0, waiting: 0, ingested: 0, deadLettered: 0, discarded: 0 };
  for (const state of deliveryStates) {
    for (const eventId of new Set(listing[state])) {
      const before = seen.get(eventId);
      seen.set(eventId, before === undefined ? state : [before, state].flat());
      states[state] += 1;
    }
  }
  return {
    states,
    missing: [...new Set(listing.registered)].filter((eventId) => !seen.has(eventId)),
    doubled: [...seen].flatMap(([eventId, found]) => (Array.isArray(found) ? [{ eventId, states: found }] : [])),
  };
}
