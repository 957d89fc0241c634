import { trackedEventSchema } from '../../shared/events/usage-event.ts';

/** What the events of one instance of a use case say. */
export interface Spending {
  useCase: string;
  /** nano-USD by our price book; null when a model has no price there. */
  costNanoUsd: bigint | null;
}

const MAX_REMEMBERED = 10_000;

/**
 * What instances cost, from the events that the app puts in its queue: a metered answer ends after its events are there, so an
 * answer that names only its instance can be shown with use case and cost.
 */
export class SpendingByInstance {
  readonly #instances = new Map<string, Spending>();
  readonly #eventIds = new Set<string>();

  /** Takes the body of a message. What is not a usage event, or was taken before, is left out. */
  add(body: Buffer): void {
    const event = readEvent(body);
    if (event?.kind !== 'usage' || this.#eventIds.has(event.eventId)) return;
    this.#eventIds.add(event.eventId);
    const { name, id } = event.useCase;
    const before = this.#instances.get(id)?.costNanoUsd;
    const isPriced = event.estimatedCost !== null && before !== null;
    this.#instances.set(id, {
      useCase: name,
      costNanoUsd: isPriced ? (before ?? 0n) + BigInt(event.estimatedCost ?? 0) : null,
    });
    forgetOldest(this.#eventIds);
    forgetOldest(this.#instances);
  }

  /** What was spent on the instance since it was last taken; undefined when no event of it came. */
  take(instanceId: string): Spending | undefined {
    const spending = this.#instances.get(instanceId);
    if (spending) this.#instances.set(instanceId, { ...spending, costNanoUsd: 0n });
    return spending;
  }
}

function readEvent(body: Buffer) {
  try {
    return trackedEventSchema.parse(JSON.parse(body.toString('utf8')));
  } catch {
    // Any client may put anything in a queue of the stand-in; the app counts it as a dead letter.
    return undefined;
  }
}

function forgetOldest(known: Map<string, unknown> | Set<string>): void {
  const [oldest] = known.keys();
  if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
}
