import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { type Clock, systemClock } from '../../../../shared/util/clock.ts';
import { APP_LINES } from './app-lines.ts';
import { createFront, type Exchange } from './front.ts';
import { Instance } from './instance.ts';
import type { HostKeys } from './messages.ts';
import { runTimers } from './timers.ts';
import { watchApp } from './watch-app.ts';

export type { Exchange } from './front.ts';
export type { HostKeys } from './messages.ts';

export interface HostOptions {
  /** Holds package.json (its `main` is the built app) and host.json. */
  appDirectory: string;
  /** The app's settings: all of its environment, in addition to what a process needs to run. */
  env: NodeJS.ProcessEnv;
  /** 0 (the default) takes any free one. */
  port?: number;
  /** Processes of the app; default 1. */
  instances?: number;
  /** Restarts the instances when the built app changes. */
  watch?: boolean;
  /** Port of the first instance's debugger, the next instance gets the next one; 0 takes free ones. Default: no debugger. */
  inspectPort?: number;
  /** Without keys every function is open, as under `func start`. */
  keys?: HostKeys;
  /** Gets each line that the app or its host writes; default: stderr. */
  log?: (line: string) => void;
  /** How long running functions have to end when the host closes, in ms; default 10 s. */
  graceMs?: number;
  /** Gets each request when its answer has ended. */
  onExchange?: (exchange: Exchange) => void;
  /** After how long without any traffic a request is given up, in ms; default 240 s, as in the real host. */
  activityTimeoutMs?: number;
  /** Of the timers. */
  clock?: Clock;
}

export interface HostInstance {
  /** Process id; 0 while the instance is down. */
  readonly pid: number;
  /** Ends the process (SIGKILL unless told otherwise); the instance stays down until `restart()`. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  restart(): Promise<void>;
}

export interface FunctionHost {
  url: string;
  instances: HostInstance[];
  /** Receives no more, lets running functions end within the grace time, then ends all processes. */
  close(): Promise<void>;
}

/**
 * Runs the built app on this machine by the rules of the real Functions host: HTTP, Service Bus queues, timers.
 * @throws Error with the app's own words when it does not start (a wrong setting, say), or when the port is taken
 */
export async function startHost(options: HostOptions): Promise<FunctionHost> {
  const appDirectory = resolve(options.appDirectory);
  const instances = createInstances({ ...options, appDirectory });
  const stopInstances = () => Promise.all(instances.map((instance) => instance.stop()));
  const front = createFront({
    nextPort: roundRobin(instances),
    activityTimeoutMs: options.activityTimeoutMs ?? 240_000,
    ...(options.onExchange && { onExchange: options.onExchange }),
  });
  await listen(front, options.port ?? 0);
  const starting = Promise.allSettled(instances.map((instance) => instance.start()));
  // From here on, so that what is built while they start is not missed.
  const watcher = options.watch
    ? await watchApp(appDirectory, instances, starting, options.log ?? toStderr)
    : undefined;
  const failure = (await starting).find((result) => result.status === 'rejected');
  if (failure) {
    front.close();
    await watcher?.close();
    await Promise.all(instances.map((instance) => instance.kill()));
    throw failure.reason;
  }

  const stopping = new AbortController();
  const timers = startTimers(instances, options.clock ?? systemClock, stopping.signal);
  const { port } = front.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    instances,
    async close() {
      await watcher?.close();
      stopping.abort();
      const closed = once(front, 'close');
      front.close();
      await stopInstances();
      front.closeAllConnections();
      await Promise.all([closed, timers]);
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(
      `Port ${port} is taken: end what listens there, or give another with --port (0 takes any free one).`,
    );
  }
}

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

const lines = channel(APP_LINES);

function createInstances(options: HostOptions): Instance[] {
  const { instances: count = 1, log = toStderr, env, keys, appDirectory, inspectPort } = options;
  return Array.from({ length: count }, (_, index) => {
    const prefix = count > 1 ? `[instance ${index + 1}] ` : '';
    return new Instance({
      order: { appDirectory, ...(keys && { keys }) },
      env,
      graceMs: options.graceMs ?? 10_000,
      ...(inspectPort !== undefined && { inspectPort: inspectPort && inspectPort + index }),
      log: (text, functionName) => {
        lines.publish(text);
        log(`${prefix}${functionName ? `[${functionName}] ` : ''}${text}`);
      },
    });
  });
}

function roundRobin(instances: Instance[]): () => number | undefined {
  let last = -1;
  return () => {
    for (let step = 1; step <= instances.length; step += 1) {
      const index = (last + step) % instances.length;
      const port = instances[index]?.port;
      if (port === undefined) continue;
      last = index;
      return port;
    }
    return undefined;
  };
}

function startTimers(instances: Instance[], clock: Clock, signal: AbortSignal): Promise<void> {
  return runTimers(
    {
      timers: instances[0]?.timers ?? [],
      clock,
      async run(name, info) {
        const instance = instances.find(({ port }) => port !== undefined);
        await instance?.runTimer(name, info);
        return instance !== undefined;
      },
    },
    signal,
  );
}
