import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The account that every Azurite has, with its published key: no secret. */
const account = 'devstoreaccount1';
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

const startLimitMs = 30_000;

export interface LocalTables {
  connectionString: string;
  /** Address of the table service, with the account. */
  url: string;
  close(): Promise<void>;
}

/**
 * Starts Azurite's table service on 127.0.0.1 in a process of its own, which ends with this one. It keeps its tables in
 * memory, or in `folder` when given; `port` 0 (the default) takes any free one.
 * @throws Error with Azurite's own words when it does not start
 */
export async function startTables(options: { port?: number; folder?: string } = {}): Promise<LocalTables> {
  const port = options.port || (await freePort());
  const child = launch(port, options.folder);
  let words = '';
  child.stdout?.on('data', (data: Buffer) => {
    words += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    words += data.toString();
  });
  const url = `http://127.0.0.1:${port}/${account}`;
  try {
    await untilItAnswers(child, url, () => words);
  } catch (error) {
    await end(child);
    throw error;
  }
  return {
    url,
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};TableEndpoint=${url};`,
    close: () => end(child),
  };
}

function launch(port: number, folder: string | undefined): ChildProcess {
  const entry = createRequire(import.meta.url).resolve('azurite/dist/src/table/main.js');
  const storage = folder === undefined ? ['--inMemoryPersistence'] : ['--location', folder];
  return fork(
    fileURLToPath(new URL('./tables-process.cjs', import.meta.url)),
    // biome-ignore format: one option a line says less
    [entry, '--tableHost', '127.0.0.1', '--tablePort', String(port), '--silent', '--skipApiVersionCheck', '--disableTelemetry', ...storage],
    // In a process group of its own: Ctrl-C is for the parent, which ends the tables after those that use them.
    { execArgv: [], detached: process.platform !== 'win32', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
}

async function untilItAnswers(child: ChildProcess, url: string, words: () => string): Promise<void> {
  const deadline = Date.now() + startLimitMs;
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
  throw new Error(`Azurite did not answer at ${url} within ${startLimitMs / 1000} s: ${words() || 'it said nothing'}`);
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
