import { parseArgs } from 'node:util';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a command prints: text for people on stdout, or one JSON object there with everything else on stderr. */
export interface Output {
  readonly json: boolean;
  /** A line for people. */
  say(text: string): void;
  /** A line that shows that work goes on; never on stdout when `--json` is given. */
  progress(text: string): void;
}

export type CommandResult = { ok: boolean } & Record<string, unknown>;

/** How a command is called. */
export interface Command {
  /** What `--help` prints, and a wrong argument on stderr: the forms of the command, one a line. */
  usage: string;
  options?: NonNullable<Parameters<typeof parseArgs>[0]>['options'];
  /** Values of options that may be given without one: `{ inspect: '9229' }` reads `--inspect` as `--inspect=9229`. */
  bare?: Record<string, string>;
  /** Whether it takes words besides its options. */
  words?: boolean;
}

export interface CommandArguments {
  values: Record<string, string | boolean | undefined>;
  positionals: string[];
}

/**
 * Runs a command by the contract of all of them: `--json` prints the result as one object with `ok` first, exit code 0 only
 * when `ok`, 2 for arguments that it does not know; `--help` prints its usage. Ctrl-C and SIGTERM abort `signal`, so that the
 * command can stop what it started; the exit code is then 130. A second one ends the process at once.
 */
export async function runCommand(
  command: Command,
  work: (args: CommandArguments, output: Output, signal: AbortSignal) => Promise<CommandResult>,
): Promise<void> {
  const args = readArguments(command);
  if (!args) return;
  const json = args.values['json'] === true;
  const say = (text: string) => (json ? process.stderr : process.stdout).write(`${text}\n`);
  const output: Output = { json, say, progress: (text) => process.stderr.write(`${text}\n`) };
  const interrupt = new AbortController();
  const stop = (reason: NodeJS.Signals | 'the end of npm') => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort(new Interrupted(reason));
  };
  for (const name of signals) process.on(name, stop);
  const watch = watchNpm(() => stop('the end of npm'));
  try {
    const result = await work(args, output, interrupt.signal);
    const { ok, ...rest } = result;
    if (json) process.stdout.write(`${JSON.stringify({ ok, ...rest })}\n`);
    process.exitCode = interrupt.signal.aborted ? 130 : ok ? 0 : 1;
  } catch (error) {
    process.exitCode = error instanceof Interrupted || interrupt.signal.aborted ? 130 : 1;
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${text}\n`);
    if (json) process.stdout.write(`${JSON.stringify({ ok: false, error: text })}\n`);
  } finally {
    clearInterval(watch);
    // From now on a signal ends the process as usual, should anything have been left open.
    for (const name of signals) process.off(name, stop);
  }
}

/**
 * Calls `ended` when the shell in which npm started this command is gone: a signal that is sent to npm alone ends npm and
 * its shell, and would leave this process behind.
 */
function watchNpm(ended: () => void): NodeJS.Timeout | undefined {
  if (process.env['npm_lifecycle_event'] === undefined) return undefined;
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    ended();
  }, 300);
  return timer.unref();
}

/** Thrown where work was waiting when the user asked to stop. */
export class Interrupted extends Error {
  constructor(signal: string) {
    super(`Stopped by ${signal}.`);
  }
}

/** Undefined when there is nothing to run: `--help` was asked for, or an argument is wrong. */
function readArguments({ usage, options, bare = {}, words = false }: Command): CommandArguments | undefined {
  const known = { ...options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const args = process.argv.slice(2).map((arg) => {
      const value = arg.startsWith('--') ? bare[arg.slice(2)] : undefined;
      return value === undefined ? arg : `${arg}=${value}`;
    });
    const { values, positionals } = parseArgs({ args, options: known, allowPositionals: words });
    if (values.help !== true) return { values: values as CommandArguments['values'], positionals };
    process.stdout.write(`${usage}\n`);
  } catch (error) {
    // Node's advice on arguments that begin with a dash is of no use here.
    const text = `${(error instanceof Error ? error.message : String(error)).replace(/\. .*/s, '')}.`;
    process.stderr.write(`${text}\n${usage}\n`);
    if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ ok: false, error: text })}\n`);
    process.exitCode = 2;
  }
  return undefined;
}

/** A whole number from `least` to `most` from an option's text, or `otherwise` when the option is absent. */
export function wholeNumber(
  args: CommandArguments,
  name: string,
  otherwise: number,
  least = 1,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const text = args.values[name];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new Error(`--${name} wants a whole number ${range}, but got "${String(text)}".`);
  }
  return value;
}
