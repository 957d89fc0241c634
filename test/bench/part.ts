/** One benchmark, in a file of its own in `test/bench/parts/`, exported as `default`. */
export interface BenchPart {
  /** The word after `npm run bench --`. */
  part: string;
  run(options: { progress: (text: string) => void }): Promise<PartResult>;
}

export interface PartResult {
  /** What was compared, with versions. */
  on: string[];
  /** Figures carry their unit in the name, e.g. `messagesPerSecond`, `p99Ms`. */
  rows: ({ name: string } & Record<string, number | string>)[];
  goals: { name: string; goal: string; got: string; met: boolean }[];
}
