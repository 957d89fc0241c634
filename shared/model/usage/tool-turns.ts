import type { Usage } from './usage.ts';

/** A page may have more text than the answer shows of it. */
const LEAST_TOKENS_PER_RESULT = 3_000;
/** As for the text of an answer: newer tokenizers make more of a text than four bytes a token would. */
const OUTPUT_BYTES_PER_TOKEN = 3;

/**
 * What the turns of tools that the provider runs add to the input of a stream, estimated upward from what passes: after each
 * result the whole prompt, all results and the output so far are read again. The provider reports the sum at the end only. In tokens.
 */
export class ToolTurns {
  /** The usage of the first turn. */
  readonly first: Usage;
  readonly #prompt: number;
  #results = 0;
  #latest = 0;
  #largest = 0;
  #outputBytes = 0;
  /** Input of turns after the first that are over, and of the one that is being made. */
  #over = 0;
  #current = 0;
  #isNextSeen = false;
  /** Turns after the first. */
  count = 0;

  constructor(first: Usage) {
    this.first = first;
    this.#prompt = (first.input ?? 0) + (first.cacheWrite ?? 0) + (first.cacheRead ?? 0);
  }

  /** True where the prompt is cached: turns write what they add. */
  get isCached(): boolean {
    return (this.first.cacheWrite ?? 0) + (this.first.cacheRead ?? 0) > 0;
  }

  /** Input beyond the first turn's. */
  get added(): number {
    return this.#over + this.#current;
  }

  /** Input of a turn that is about to be made, when its results are like the largest so far; 0 where none is in sight. */
  get next(): number {
    return this.#isNextSeen ? this.#read + this.#largest : 0;
  }

  /** A block of the answer begins. `bytes`: UTF-8 bytes of the event, which has a result whole; `outputBytes`: of all output before. */
  block(block: Record<string, unknown>, bytes: number, outputBytes: number): void {
    this.#outputBytes = outputBytes;
    const type = String(block['type']);
    if (!type.endsWith('_tool_result')) {
      this.#over += this.#current;
      this.#current = 0;
      this.#latest = 0;
      if (type === 'server_tool_use' || type === 'mcp_tool_use') this.#isNextSeen = true;
      return;
    }
    const { content } = block;
    const tokens = Math.max(bytes, LEAST_TOKENS_PER_RESULT * (Array.isArray(content) ? content.length : 1));
    this.#isNextSeen = false;
    this.#results += tokens;
    // Results that follow each other are read in one turn.
    if (this.#latest === 0) this.count += 1;
    this.#latest += tokens;
    this.#largest = Math.max(this.#largest, this.#latest);
    this.#current = this.#read;
  }

  get #read(): number {
    return this.#prompt + this.#results + Math.ceil(this.#outputBytes / OUTPUT_BYTES_PER_TOKEN);
  }
}
