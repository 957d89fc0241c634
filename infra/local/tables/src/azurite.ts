import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The account that every Azurite has, with its published key: no secret. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const credentials = `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};`;

const START_LIMIT_MS = 30_000;

export type AzuriteService = 'blob' | 'queue' | 'table';

export interface Azurite {
  /** Account and key, and the endpoint of this one service. */
  connectionString: string;
  /** Address of the service, with the account. */
  url: string;
  close(): Promise<void>;
}

export interface AzuriteOptions {
  /** 0 (the default) takes any free one. */
  port?: number;
  /** Keeps what is stored here; default: in memory. */
  folder?: string;
}

/**
 * Starts one service of Azurite on 127.0.0.1 in a process of its own, which ends with this one.
 * @throws Error with Azurite's own words when it does not start
 */
export async function startAzurite(service: AzuriteService, options: AzuriteOptions = {}): Promise<Azurite> {
  const port = options.port || (await freePort());
  const child = launch(service, port, options.folder);
  let words = '';
  child.stdout?.on('data', (data: Buffer) => {
    words += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    words += data.toString();
  });
  const url = `http://127.0.0.1:${port}/${ACCOUNT}`;
  try {
    await untilItAnswers(child, url, () => words);
  } catch (error) {
    await end(child);
    throw error;
  }
  return {
    url,
    connectionString: `${credentials}${service.replace(/^./, (letter) => letter.toUpperCase())}Endpoint=${url};`,
    close: () => end(child),
  };
}

function launch(service: AzuriteService, port: number, folder: string | undefined): ChildProcess {
  const entry = createRequire(import.meta.url).resolve(`azurite/dist/src/${service}/main.js`);
  const storage = folder === undefined ? ['--inMemoryPersistence'] : ['--location', folder];
  return fork(
    fileURLToPath(new URL('./azurite-process.cjs', import.meta.url)),
    // biome-ignore format: one option a line says less
    [entry, `--${service}Host`, '127.0.0.1', `--${service}Port`, String(port), '--silent', '--skipApiVersionCheck', '--disableTelemetry', ...storage],
    // In a process group of its own: Ctrl-C is for the parent, which ends the tables after those that use them.
    { execArgv: [], detached: process.platform !== 'win32', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
}

async function untilItAnswers(child: ChildProcess, url: string, words: () => string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null)
      throw new Error(`Azurite ended at its start: ${words() || `exit code ${child.exitCode}`}`);
    try {
      // Unsigned, so it is refused: any answer at all means that the service listens.
      await (await fetch(url)).arrayBuffer();
      return;
    } catch {
      await delay(50);
    }
  }
  throw new Error(
    `Azurite did not answer at ${url} within ${START_LIMIT_MS / 1000} s: ${words() || 'it said nothing'}`,
  );
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** A port that was free a moment ago: Azurite prints the port that it took only for people. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}
