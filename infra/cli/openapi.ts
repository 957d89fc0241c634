import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOpenApiDocument } from '../../shared/api/openapi/document.ts';
import { routes } from '../../shared/api/routes.ts';
import { type Output, runCommand } from './command.ts';

const folder = fileURLToPath(new URL('../openapi/', import.meta.url));

/** `npm run openapi`: the description of the API as a file, and whether the linter finds anything in it. */
const command = {
  usage: 'npm run openapi -- FILE\nnpm run openapi -- --check',
  options: { check: { type: 'boolean' } },
  words: true,
} as const;

await runCommand(command, async ({ values, positionals: [file] }, output, signal) => {
  const text = `${JSON.stringify(createOpenApiDocument(routes), undefined, 2)}\n`;
  if (file !== undefined) await writeFile(file, text);
  if (file !== undefined) output.say(`Wrote ${resolve(file)}`);
  if (values['check'] !== true && file === undefined) throw new Error('Name a FILE to write, or give --check.');
  const ok = values['check'] !== true || (await lint(text, output, signal));
  return { ok, routes: routes.length, bytes: text.length, ...(file !== undefined && { file: resolve(file) }) };
});

/** Redocly's strict rules, by its own packages and lock file. Every finding fails. */
async function lint(text: string, output: Output, signal: AbortSignal): Promise<boolean> {
  const scratch = await mkdtemp(join(tmpdir(), 'trailmeter-openapi-'));
  try {
    const document = join(scratch, 'openapi.json');
    await writeFile(document, text);
    const install = ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    if ((await run('npm', install, output, signal)) !== 0)
      throw new Error('The linter could not be installed: npm ci failed in infra/openapi.');
    const redocly = join(folder, 'node_modules/@redocly/cli/bin/cli.js');
    const code = await run(process.execPath, [redocly, 'lint', document, '--config=redocly.yaml'], output, signal);
    output.say(code === 0 ? `The description of ${routes.length} routes has no fault.` : 'The linter found faults.');
    return code === 0;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Its output is progress. @throws the reason of `signal` when that aborts */
async function run(program: string, args: string[], output: Output, signal: AbortSignal): Promise<number | null> {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += String(part)));
  const stop = () => child.kill();
  signal.addEventListener('abort', stop);
  const [code] = await once(child, 'close');
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (code !== 0) output.progress(said);
  return code;
}
