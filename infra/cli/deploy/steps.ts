import type { Output } from '../command.ts';

/** What became of a step. `found` is what was found or done, or why the step failed. */
export interface StepResult {
  name: string;
  ok: boolean;
  found: string;
}

/** A step failed and is in the list with its reason. */
export class StepFailed extends Error {}

/** Runs steps one after the other, prints each and keeps what became of it. */
export class Steps {
  readonly results: StepResult[] = [];
  readonly #output: Output;
  readonly #signal: AbortSignal;

  constructor(output: Output, signal: AbortSignal) {
    this.#output = output;
    this.#signal = signal;
  }

  /**
   * Runs a step. It returns a text that says what it found or did, or that text as `found` with what later steps need.
   * @throws StepFailed when the step throws; the reason of `signal` when the user stopped the command
   */
  async run<T extends string | { found: string }>(name: string, work: () => Promise<T>): Promise<T> {
    this.#output.progress(`… ${name}`);
    try {
      const result = await work();
      this.#add({ name, ok: true, found: typeof result === 'string' ? result : result.found });
      return result;
    } catch (error) {
      if (this.#signal.aborted) throw this.#signal.reason;
      this.#add({ name, ok: false, found: error instanceof Error ? error.message : String(error) });
      throw new StepFailed(name, { cause: error });
    }
  }

  #add(result: StepResult): void {
    this.results.push(result);
    this.#output.say(`${result.ok ? 'ok    ' : 'FAILED'} ${result.name.padEnd(11)} ${result.found}`);
  }
}
