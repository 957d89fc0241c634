/**
 * What can go wrong at a queue. `serverBusy`: a send is rejected. `duplicate`: a message is stored twice.
 * `cutAfterSend` and `cutAfterSettle`: what was asked takes effect, and the connection is cut before the answer.
 */
export type QueueFault = 'serverBusy' | 'duplicate' | 'cutAfterSend' | 'cutAfterSettle';

/** What goes wrong next at one queue, and how often. */
export class QueueFaults {
  readonly #left = new Map<QueueFault, number>();

  set(fault: QueueFault, times: number): void {
    this.#left.set(fault, times);
  }

  /** Whether this fault strikes now; counts it. */
  strikes(fault: QueueFault): boolean {
    const left = this.#left.get(fault) ?? 0;
    if (left > 0) this.#left.set(fault, left - 1);
    return left > 0;
  }
}
