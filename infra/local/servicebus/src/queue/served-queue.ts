import type { Clock } from '../../../../../shared/util/clock.ts';
import type { Entry } from './entry.ts';
import type { Queue } from './queue.ts';
import { QueueFaults } from './queue-faults.ts';

/** A link that messages can be handed to. */
export interface Consumer {
  /** How many messages it has room for now. */
  wants(): number;
  deliver(entry: Entry): void;
}

/** The longest wait for the clock in one go: timers overflow beyond 24.8 days. */
const LONGEST_WAIT_MS = 24 * 3_600_000;

/** A queue (or the dead letters of one) in service: time drives it, and its messages go to whoever asked first. */
export class ServedQueue {
  /** As the configuration spells it. */
  readonly name: string;
  readonly queue: Queue;
  readonly deadLetters: ServedQueue | undefined;
  readonly faults = new QueueFaults();
  readonly #clock: Clock;
  /** Consumers that asked for messages, in the order in which they did. */
  #waiting: Consumer[] = [];
  #alarm: { at: number; abort: AbortController } | undefined;
  #closed = false;

  constructor(options: { name: string; queue: Queue; clock: Clock; deadLetters?: ServedQueue }) {
    this.name = options.name;
    this.queue = options.queue;
    this.#clock = options.clock;
    this.deadLetters = options.deadLetters;
  }

  /** Runs one step on the queue at the present time, and then does all that follows from it. */
  act<T>(step: (queue: Queue, now: number) => T): T {
    const now = this.#clock.now();
    this.queue.tick(now);
    const result = step(this.queue, now);
    this.#advance(now);
    return result;
  }

  /** The consumer has credit. */
  ready(consumer: Consumer): void {
    if (!this.#waiting.includes(consumer)) this.#waiting.push(consumer);
    this.act(() => undefined);
  }

  leave(consumer: Consumer): void {
    this.#waiting = this.#waiting.filter((other) => other !== consumer);
  }

  close(): void {
    this.#closed = true;
    this.#alarm?.abort.abort();
    this.deadLetters?.close();
  }

  /** Hands out what can be handed out, here and among the dead letters that may have come by this step. */
  #advance(now: number): void {
    if (this.deadLetters) this.deadLetters.#advance(now);
    for (let consumer = this.#waiting[0]; consumer; consumer = this.#waiting[0]) {
      if (consumer.wants() <= 0) {
        this.#waiting.shift();
        continue;
      }
      const entry = this.queue.take(now);
      if (!entry) break;
      consumer.deliver(entry);
    }
    this.#setAlarm(now);
  }

  #setAlarm(now: number): void {
    const at = this.queue.nextTick();
    if (this.#closed || at === Infinity || (this.#alarm && this.#alarm.at <= at)) return;
    this.#alarm?.abort.abort();
    const alarm = { at, abort: new AbortController() };
    this.#alarm = alarm;
    this.#clock.sleep(Math.min(Math.max(at - now, 0), LONGEST_WAIT_MS), alarm.abort.signal).then(
      () => {
        if (this.#alarm === alarm) this.#alarm = undefined;
        if (!this.#closed) this.act(() => undefined);
      },
      () => undefined, // Aborted: another alarm took its place, or the broker closed.
    );
  }
}
