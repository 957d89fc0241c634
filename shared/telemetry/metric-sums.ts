/** The values of one metric with the same dimensions, summed up. */
export interface MetricSum {
  metric: string;
  dimensions: Record<string, string>;
  /** How many values. */
  count: number;
  sum: number;
  min: number;
  max: number;
}

const EVERY_MS = 60_000;

/**
 * Sums metrics up and gives them out once a minute: as lines of a log they are paid for one by one, and one of every call
 * would cost more than to price the call. What a process has summed up when it is killed is lost; usage never depends on it.
 */
export class MetricSums {
  readonly #write: (sums: MetricSum[]) => void;
  readonly #sums = new Map<string, MetricSum>();
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (sums: MetricSum[]) => void) {
    this.#write = write;
  }

  add(metric: string, value: number, dimensions: Record<string, string>): void {
    const key = JSON.stringify([metric, dimensions]);
    const sum = this.#sums.get(key);
    if (sum) {
      sum.count += 1;
      sum.sum += value;
      sum.min = Math.min(sum.min, value);
      sum.max = Math.max(sum.max, value);
    } else this.#sums.set(key, { metric, dimensions, count: 1, sum: value, min: value, max: value });
    // It keeps no process alive.
    this.#timer ??= setTimeout(() => this.flush(), EVERY_MS).unref();
  }

  /** Gives out what there is now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const sums = [...this.#sums.values()];
    this.#sums.clear();
    if (sums.length > 0) this.#write(sums);
  }
}
