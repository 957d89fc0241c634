import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Asks the person at the terminal. Answers with what was typed, without its line end. @throws Error when there is no terminal */
export type Ask = (question: string, options?: { hidden: boolean }) => Promise<string>;

/** Asks on stderr, so that stdout has results only. With `hidden` what is typed is not shown. */
export const askAtTerminal =
  (signal: AbortSignal): Ask =>
  async (question, { hidden } = { hidden: false }) => {
    if (!process.stdin.isTTY) throw new Error(`There is no terminal to ask: ${question}`);
    process.stderr.write(`${question} `);
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({
      input: process.stdin,
      output: hidden ? silent : process.stderr,
      terminal: true,
      historySize: 0,
    });
    // In raw mode the terminal makes no signal of Ctrl-C.
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    try {
      return (await lines.question('', { signal })).trim();
    } finally {
      lines.close();
      if (hidden) process.stderr.write('\n');
    }
  };
