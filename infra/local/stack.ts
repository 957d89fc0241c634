import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../cli/build.ts';
import { allOrNone, type Closer } from './all-or-none.ts';
import { type Exchange, type FunctionHost, startHost } from './functions-host/src/host.ts';
import { type LocalServices, type ServicesOptions, startServices } from './services.ts';

export interface StackOptions extends ServicesOptions {
  /** Port of the app; 0 takes any free one. */
  port?: number;
  /** Processes of the app. */
  instances?: number;
  watch?: boolean;
  /** Port of the first process's debugger, the next process gets the next one; 0 takes free ones. Default: no debugger. */
  inspectPort?: number;
  /** Another first module of the app, from the project's folder. */
  entry?: string;
  log?: (line: string) => void;
  /** Gets each request when its answer has ended. */
  onExchange?: (exchange: Exchange) => void;
}

/** Everything that the app needs, and the app itself, on 127.0.0.1. */
export interface Stack extends LocalServices {
  url: string;
  host: FunctionHost;
  /** Ends all of it, the app first. */
  close(): Promise<void>;
}

/** Starts the laptop stack. When one part fails to start, those that stand are ended. */
export const startStack = (options: StackOptions = {}): Promise<Stack> =>
  allOrNone((stands, close) => start(options, stands, close));

async function start(options: StackOptions, stands: (closer: Closer) => void, close: Closer): Promise<Stack> {
  const appDirectory = await mkdtemp(join(tmpdir(), 'trailmeter-'));
  stands(() => rm(appDirectory, { recursive: true, force: true }));
  const services = await startServices(options, stands);
  const build = await buildApp({
    outDir: appDirectory,
    ...(options.watch && { watch: true }),
    ...(options.entry !== undefined && { entry: options.entry }),
  });
  stands(() => build.close());
  const host = await startHost({
    appDirectory,
    env: services.settings,
    port: options.port ?? 0,
    instances: options.instances ?? 1,
    ...(options.watch && { watch: true }),
    ...(options.inspectPort !== undefined && { inspectPort: options.inspectPort }),
    ...(options.log && { log: options.log }),
    ...(options.onExchange && { onExchange: options.onExchange }),
  });
  stands(() => host.close());
  return { ...services, url: host.url, host, close };
}
