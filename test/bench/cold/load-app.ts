import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Loaded {
  /** Functions that the app registered. */
  functions: number;
  /** From the first line of the bundle until its functions wait for requests; all threads of the process. */
  cpuMs: number;
  wallMs: number;
  rssMb: number;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Settings with which the app starts without asking any service. */
const settings = {
  ServiceBusConnection: 'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true',
  TablesConnection: 'UseDevelopmentStorage=true',
  PAYI_API_KEY: 'bench',
  ANTHROPIC_API_KEY: 'bench',
  NODE_PATH: path('../../../infra/local/functions-host/src/core'),
};

/** Loads the built app of the folder in a new process. @throws Error when it does not load */
export async function loadApp(folder: string, execPath = process.execPath): Promise<Loaded> {
  const child = fork(path('./load-app.mjs'), [folder], {
    execPath,
    execArgv: [],
    env: settings,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const over = new AbortController();
  const ended = once(child, 'exit', { signal: over.signal }).then(([code]) => {
    throw new Error(`The app in ${folder} did not load: the process ended with ${String(code)}.`);
  });
  try {
    const [loaded] = (await Promise.race([once(child, 'message', { signal: over.signal }), ended])) as [Loaded];
    return loaded;
  } finally {
    ended.catch(() => undefined); // Nobody waits for it any more.
    over.abort();
  }
}
