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
  goals: Goal[];
}

export interface Goal {
  name: string;
  goal: string;
  got: string;
  /** Only true when it is met for certain. */
  met: boolean;
  /** The measurement's interval contains the goal: neither met nor missed can be said. */
  undecided?: true;
}

export const resultOf = ({ met, undecided }: Goal): 'met' | 'missed' | 'undecided' =>
  undecided === true ? 'undecided' : met ? 'met' : 'missed';
