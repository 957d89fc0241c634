import { type Amounts, addAmounts, noBilledAmounts } from './amounts.ts';

/** Events that have the same reason to make the books differ. Costs are nano-USD. */
export interface EventGroup {
  events: number;
  /** Of the first ones. */
  eventIds: string[];
  amounts: Amounts;
  /** What they cost by the ledger. */
  ours: bigint;
  /** What they cost by the other book. */
  theirs: bigint;
}

/** An event as a group counts it. */
export interface GroupedEvent {
  eventId: string;
  amounts: Amounts;
  ours: bigint;
  theirs: bigint;
}

/** Ids that are named of a group; all of its events are counted. */
export const NAMED_EVENTS = 20;

/** Groups by reason: as many as there are reasons, however many events. */
export class EventGroups<R extends string> {
  readonly #groups = new Map<R, EventGroup>();

  add(reason: R, { eventId, amounts, ours, theirs }: GroupedEvent): void {
    let group = this.#groups.get(reason);
    if (!group) {
      group = { events: 0, eventIds: [], amounts: noBilledAmounts(), ours: 0n, theirs: 0n };
      this.#groups.set(reason, group);
    }
    group.events += 1;
    if (group.eventIds.length < NAMED_EVENTS) group.eventIds.push(eventId);
    addAmounts(group.amounts, amounts);
    group.ours += ours;
    group.theirs += theirs;
  }

  get(reason: R): EventGroup | undefined {
    return this.#groups.get(reason);
  }

  entries(): Iterable<[R, EventGroup]> {
    return this.#groups.entries();
  }
}
