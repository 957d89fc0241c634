import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buildApp } from '../cli/build.ts';
import { type Output, runCommand, wholeNumber } from '../cli/command.ts';
import { allOrNone, type Closer } from './all-or-none.ts';
import { startServices } from './services.ts';
import { startAzurite } from './tables/src/azurite.ts';

const command = {
  usage: 'npm run start:func -- [--port N]',
  options: { port: { type: 'string' } },
} as const;

/** `npm run start:func`: the app under Azure Functions Core Tools, with the stand-ins and Azurite, until Ctrl-C. */
await runCommand(command, async (args, output, signal) => {
  const port = wholeNumber(args, 'port', 7071, 1, 65_535);
  output.progress('Starting …');
  const { code, close } = await allOrNone(async (stands, close) => ({
    code: await runFunc(port, output, signal, stands),
    close,
  }));
  output.progress('Stopping …');
  await close();
  return { ok: code === 0 };
});

/** Resolves with func's exit code when it has ended. @throws Error when func is not installed */
async function runFunc(
  port: number,
  output: Output,
  signal: AbortSignal,
  stands: (closer: Closer) => void,
): Promise<number | null> {
  await checkFunc();
  const { settings } = await startServices({ environment: process.env, usualPorts: true }, stands);
  const storage = await startStorage(stands);
  await buildApp();
  const func = spawn('func', ['start', '--port', String(port)], {
    // A setting of the environment wins over the same one in local.settings.json.
    env: { ...process.env, ...settings, FUNCTIONS_WORKER_RUNTIME: 'node', AzureWebJobsStorage: storage },
    // Its lines must not get between the JSON of this command and whoever reads that.
    stdio: ['ignore', output.json ? 2 : 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  signal.addEventListener('abort', () => func.kill());
  if (signal.aborted) func.kill();
  const [code] = await once(func, 'exit');
  return code;
}

async function checkFunc(): Promise<void> {
  const version = spawn('func', ['--version'], { stdio: 'ignore', shell: process.platform === 'win32' });
  const code = await once(version, 'exit').then(
    ([exitCode]) => exitCode,
    () => undefined,
  );
  if (code === 0) return;
  throw new Error(
    'func is not installed. Install Azure Functions Core Tools 4 (npm install -g azure-functions-core-tools@4), or use npm start: ' +
      'it runs the same app without them.',
  );
}

/** The host keeps its locks and the schedules of timers in blobs. Returns the connection string. */
async function startStorage(stands: (closer: Closer) => void): Promise<string> {
  const services = await Promise.all((['blob', 'queue', 'table'] as const).map((service) => startAzurite(service)));
  stands(async () => void (await Promise.all(services.map((service) => service.close()))));
  const [first = '', ...others] = services.map(({ connectionString }) => connectionString);
  return `${first}${others.map((text) => /\w+Endpoint=[^;]*;/.exec(text)?.[0]).join('')}`;
}
