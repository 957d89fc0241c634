import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { delimiter } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FromWorker, StartOrder, TimerFunction, TimerInfo, ToWorker } from './messages.ts';

const worker = fileURLToPath(new URL('./worker/main.ts', import.meta.url));
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** Where the app finds `@azure/functions-core`. */
const corePackages = fileURLToPath(new URL('./core', import.meta.url));

/** What a process needs of its parent's environment to run at all. */
const inherited = ['PATH', 'Path', 'HOME', 'USERPROFILE', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'TZ', 'LANG'];

/** So long an app that ended by itself stays down. */
const START_AGAIN_MS = 500;

export interface InstanceOptions {
  order: StartOrder;
  /** Settings of the app: all of its environment, in addition to what a process needs to run. */
  env: NodeJS.ProcessEnv;
  graceMs: number;
  /** Port of 127.0.0.1 for a debugger; 0 takes any free one, which Node logs. Default: no debugger. */
  inspectPort?: number;
  /** A line of the app or of its host. */
  log: (text: string, functionName?: string) => void;
}

/** One process of the app. */
export class Instance {
  /** Where it serves HTTP; undefined while it is down. */
  port: number | undefined;
  timers: TimerFunction[] = [];
  readonly #options: InstanceOptions;
  #child: ChildProcess | undefined;
  #lastTimer = 0;
  #startAgain: NodeJS.Timeout | undefined;

  constructor(options: InstanceOptions) {
    this.#options = options;
  }

  /** Process id; 0 while it is down. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves when the app has started. @throws Error with the app's own words when it does not */
  async start(): Promise<void> {
    const child = launch(this.#options);
    this.#child = child;
    this.port = undefined;
    let hasStarted = false;
    child.once('exit', (code, signal) => {
      if (this.#child === child) {
        this.#child = undefined;
        this.port = undefined;
      }
      if (hasStarted && code !== 0) this.#ended(code, signal);
    });
    const ready = new Promise<Extract<FromWorker, { kind: 'ready' }>>((resolve, reject) => {
      child.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') resolve(message);
        else if (message.kind === 'failed') {
          if (hasStarted) this.#options.log(message.reason);
          reject(new Error(`The app did not start: ${message.reason}`));
        } else if (message.kind === 'log') this.#options.log(message.text, message.functionName);
      });
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        reject(new Error(`The app ended at its start (${signal ?? `exit code ${code}`}).`)),
      );
    });
    this.#send(child, { kind: 'start', order: this.#options.order });
    const { port, timers } = await ready;
    hasStarted = true;
    this.port = port;
    this.timers = timers;
  }

  /** An app that ended in an error starts again, as under the real host; one that was killed stays down. */
  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    if (code === null) {
      this.#options.log(`The app was ended by ${signal}.`);
      return;
    }
    this.#options.log(`The app ended by itself (exit code ${code}); it starts again.`);
    this.#startAgain = setTimeout(() => {
      this.start().catch((error: unknown) => this.#options.log(String(error)));
    }, START_AGAIN_MS);
  }

  /** Runs a timer function; resolves when it has ended, well or not, or the process is gone. */
  async runTimer(name: string, info: TimerInfo): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#lastTimer += 1;
    const id = this.#lastTimer;
    await new Promise<void>((resolve) => {
      const heard = (message: FromWorker) => {
        if (message.kind === 'timer-done' && message.id === id) done();
      };
      const done = () => {
        child.off('message', heard);
        child.off('exit', done);
        resolve();
      };
      child.on('message', heard);
      child.once('exit', done);
      this.#send(child, { kind: 'timer', id, name, info });
    });
  }

  /** Ends the process at once; resolves when it is gone. It stays down until `restart()`. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Lets running functions end within the grace time, then ends the process. */
  async stop(): Promise<void> {
    clearTimeout(this.#startAgain);
    const child = this.#child;
    if (child === undefined) return;
    this.port = undefined;
    const ended = once(child, 'exit');
    this.#send(child, { kind: 'stop', graceMs: this.#options.graceMs });
    const inTime = await Promise.race([
      ended.then(() => true),
      delay(this.#options.graceMs + 2000, false, { ref: false }),
    ]);
    if (!inTime) await this.kill();
  }

  /** Restarts the app. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** A channel that closed meanwhile needs no word: the end of the process is heard elsewhere. */
  #send(child: ChildProcess, message: ToWorker): void {
    if (child.connected) child.send(message, () => {});
  }
}

function launch({ env, log, inspectPort }: InstanceOptions): ChildProcess {
  const base = Object.fromEntries(inherited.map((name) => [name, process.env[name]]).filter(([, value]) => value));
  const nodePath = [corePackages, env['NODE_PATH']].filter(Boolean).join(delimiter);
  const inspect = inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${inspectPort}`];
  const child = fork(worker, [], {
    execArgv: [...inspect, '--enable-source-maps', '--import', loader],
    env: { ...base, ...env, NODE_PATH: nodePath },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => log(line));
  }
  return child;
}
