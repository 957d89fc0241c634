import { parseArgs } from 'node:util';

/** What a command of ours prints: text for people on stdout, or one JSON object there with everything else on stderr. */
export interface Output {
  readonly json: boolean;
  /** A line for people. */
  say(text: string): void;
  /** A line that shows that work goes on; never on stdout when `--json` is given. */
  progress(text: string): void;
}

export type CommandResult = { ok: boolean } & Record<string, unknown>;

type Options = NonNullable<Parameters<typeof parseArgs>[0]>['options'];

export interface CommandArguments {
  values: Record<string, string | boolean | undefined>;
  positionals: string[];
}

/**
 * Runs a command by the contract of all of them: `--json` prints the result as one object with `ok` first, exit code 0 only
 * when `ok`. Ctrl-C and SIGTERM abort `signal`, so that the command can stop what it started; the exit code is then 130.
 */
export async function runCommand(
  options: Options,
  work: (args: CommandArguments, output: Output, signal: AbortSignal) => Promise<CommandResult>,
): Promise<void> {
  const args = readArguments(options);
  const json = args.values['json'] === true;
  const say = (text: string) => (json ? process.stderr : process.stdout).write(`${text}\n`);
  const output: Output = { json, say, progress: (text) => process.stderr.write(`${text}\n`) };
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => interrupt.abort(new Interrupted(name)));
  }
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
  }
}

/** Thrown where work was waiting when the user asked to stop. */
export class Interrupted extends Error {
  constructor(signal: string) {
    super(`Stopped by ${signal}.`);
  }
}

function readArguments(options: Options): CommandArguments {
  try {
    const { values, positionals } = parseArgs({
      options: { ...options, json: { type: 'boolean' } },
      allowPositionals: true,
    });
    return { values: values as CommandArguments['values'], positionals };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
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
