/** A pass over a table that may end early and go on later. */
export interface Sweep {
  /** Where it goes on; '' at the start. */
  from: string;
  /** True when no more work is to be begun. */
  isOver(): boolean;
}

/** What a pass came to. */
export interface Swept {
  /** Where to go on; undefined at the end. */
  next: string | undefined;
  changed: number;
}
