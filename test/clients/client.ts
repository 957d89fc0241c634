import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { UploadForm } from './forms.ts';

/** An HTTP client that is there. */
export interface Client {
  version: string;
  /**
   * Posts a form.
   * @throws Error when the client gets no answer
   */
  upload(url: string, form: UploadForm): Promise<UploadAnswer>;
  close?(): Promise<void>;
}

export interface UploadAnswer {
  status: number;
  body: string;
}

/** Says in its message why a client cannot be used on this machine. */
export class ClientIsMissing extends Error {}

/** How to get a client. */
export interface ClientEntry {
  name: string;
  /** Why the client cannot write a form, by the form's name. */
  cannotWrite?: Readonly<Record<string, string>>;
  /**
   * `scratch` is an empty folder for what it builds.
   * @throws ClientIsMissing
   */
  open(scratch: string, signal: AbortSignal): Promise<Client>;
}

const run = promisify(execFile);

/**
 * What a program writes on stdout.
 * @throws Error with all that it wrote when it fails or takes longer than five minutes
 */
export async function outputOf(
  program: string,
  args: string[],
  { signal, env = {} }: { signal: AbortSignal; env?: Record<string, string> },
): Promise<string> {
  try {
    const { stdout } = await run(program, args, { signal, timeout: 300_000, env: { ...process.env, ...env } });
    return stdout;
  } catch (error) {
    const { message, stdout = '' } = error as Error & { stdout?: string };
    throw new Error(`${message}\n${stdout}`.trim(), { cause: error });
  }
}

/** A client that is a program: it writes the answer's body, then its status on a line of its own. */
export const programClient = (
  version: string,
  signal: AbortSignal,
  commandOf: (url: string, form: UploadForm) => [program: string, args: string[]],
): Client => ({
  version,
  upload: async (url, form) => {
    const [program, args] = commandOf(url, form);
    const lines = (await outputOf(program, args, { signal })).split('\n');
    return { status: Number(lines.pop()), body: lines.join('\n') };
  },
});

/**
 * The version that a program says.
 * @throws ClientIsMissing when it does not start or fails
 */
export async function versionOf(
  program: string,
  args: string[],
  pattern: RegExp,
  signal: AbortSignal,
): Promise<string> {
  const text = await outputOf(program, args, { signal }).catch(() => {
    signal.throwIfAborted();
    throw new ClientIsMissing(`${[program, ...args].join(' ')} does not work on this machine`);
  });
  return pattern.exec(text)?.[1] ?? text.trim();
}
