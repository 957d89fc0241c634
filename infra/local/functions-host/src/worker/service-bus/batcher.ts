export interface BatchRules {
  max: number;
  min: number;
  /** How long a batch that has not `min` waits for more, from its first message. */
  maxWaitMs: number;
  /** How long a batch that has `min` waits for more, from its first message or from when it may begin. */
  lingerMs: number;
}

export interface Batcher<T> {
  /** Resolves when the item's batch has been worked on, or when it was given back. */
  add(item: T): Promise<void>;
  /** Starts no further batch and gives back what waits; resolves when the batch under way has ended. */
  stop(): Promise<void>;
}

/**
 * Gathers items into batches, one worked on at a time: what comes meanwhile waits for the next.
 * `giveBack` gets the items that no batch takes any more.
 */
export function createBatcher<T>(
  rules: BatchRules,
  work: (items: T[]) => Promise<void>,
  giveBack: (item: T) => Promise<void>,
): Batcher<T> {
  const waiting: { item: T; since: number; done: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let idleSince = 0;
  let stopped = false;

  function arrange(): void {
    if (running !== undefined || stopped || waiting.length === 0) return;
    const first = waiting[0]?.since ?? 0;
    clearTimeout(timer);
    if (waiting.length >= rules.max) {
      begin();
      return;
    }
    const end = waiting.length >= rules.min ? Math.max(first, idleSince) + rules.lingerMs : first + rules.maxWaitMs;
    timer = setTimeout(begin, Math.max(0, end - performance.now()));
  }

  function begin(): void {
    if (running !== undefined || stopped) return;
    const batch = waiting.splice(0, rules.max);
    running = work(batch.map(({ item }) => item)).finally(() => {
      running = undefined;
      idleSince = performance.now();
      for (const { done } of batch) done();
      arrange();
    });
  }

  return {
    add(item) {
      if (stopped) return giveBack(item);
      return new Promise((done) => {
        waiting.push({ item, since: performance.now(), done });
        arrange();
      });
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await Promise.all(waiting.splice(0).map(({ item, done }) => giveBack(item).finally(done)));
      await running;
    },
  };
}
