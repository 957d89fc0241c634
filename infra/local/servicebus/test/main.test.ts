import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { clientOf } from './setup.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
let folder = '';
let config = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'broker-main-'));
  config = join(folder, 'Config.json');
  const Topics = [{ Name: 'news', Properties: {}, Subscriptions: [] }];
  const Namespaces = [{ Name: 'sbemulatorns', Queues: [{ Name: 'q' }], Topics }];
  writeFileSync(config, JSON.stringify({ UserConfig: { Namespaces, Logging: { Type: 'File' } } }));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts the command, for no longer than the test lasts; its words so far, and its exit code once it ended. */
function run({ onTestFinished }: TestContext, ...args: string[]) {
  const child = spawn(process.execPath, [
    '--import',
    'tsx',
    main,
    ...args.map((each) => each.replace('CONFIG', config)),
  ]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const out = { text: '', errors: '' };
  child.stdout.on('data', (chunk) => (out.text += chunk));
  child.stderr.on('data', (chunk) => (out.errors += chunk));
  return { child, out, ended: once(child, 'exit').then(([code]) => code as number) };
}

describe('npm run servicebus', () => {
  test.concurrent.for([
    [['--config', 'CONFIG', '--port', 'abc'], '--port wants a whole number from 0 to 65535, but got "abc"'],
    [['--config', 'CONFIG', '--port', '70000'], 'got "70000"'],
    [['--config', 'CONFIG', '--port='], 'got ""'],
    [['--config', 'nowhere.json'], 'nowhere.json'],
    [['--prot', '1'], '--prot'],
  ] as [args: string[], says: string][])('%j is refused with a word', async ([args, says], context) => {
    const { out, ended } = run(context, ...args);
    expect(await ended).toBeGreaterThan(0);
    expect(out.errors).toContain(says);
    expect(out.errors).not.toContain('    at ');
  });

  // Alone: the client is closed after any test that ends.
  test('serves the queues until it is asked to end, and says what it leaves out', async (context) => {
    const { child, out, ended } = run(context, '--config', 'CONFIG', '--port', '0');
    await expect.poll(() => out.text).toContain('UseDevelopmentEmulator=true');
    expect(out.text).toContain('Queues: q');
    expect(out.errors).toContain('The topic news is left out');
    const connectionString = /^Endpoint=.*$/m.exec(out.text)?.[0] ?? '';
    await clientOf({ connectionString }).createSender('q').sendMessages({ body: 1 });
    child.kill('SIGTERM');
    expect(await ended).toBe(130);
    const socket = connect(Number(/:(\d+);/.exec(connectionString)?.[1]), '127.0.0.1');
    const [error] = await once(socket, 'error');
    expect(error.code).toBe('ECONNREFUSED');
  });
});
