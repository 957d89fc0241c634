/** After a wrong guess so many first uses read the table instead. */
const READS = 8;

/**
 * Whether a limit that this process uses for the first time is new to all processes. Where it is, the read before the
 * first write can be left out; where it is not, the guess costs a request. So a wrong guess stops the guessing for a while.
 */
export class FirstUse {
  #reads = 0;

  /** True when a guess is worth it; ask once for each limit. */
  isLikely(): boolean {
    if (this.#reads === 0) return true;
    this.#reads--;
    return false;
  }

  /** The last guess was wrong: another process knew the limit. */
  wasKnown(): void {
    this.#reads = READS;
  }
}
