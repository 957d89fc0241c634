import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildApp } from '../build.ts';
import { startHost } from './host.ts';

/** The app alone, on the settings of local.settings.json and of the environment (which wins). */
const { values } = parseArgs({
  options: { port: { type: 'string' }, instances: { type: 'string' }, watch: { type: 'boolean', default: false } },
});
const directory = fileURLToPath(new URL('../../..', import.meta.url));
const app = await buildApp({ watch: values.watch });
const host = await startHost({
  appDirectory: app.directory,
  env: { ...localSettings(join(directory, 'local.settings.json')), ...process.env },
  port: Number(values.port ?? 7071),
  instances: Number(values.instances ?? 1),
  watch: values.watch,
});
process.stdout.write(`Listening on ${host.url}\n`);

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await host.close();
await app.close();

function localSettings(path: string): Record<string, string> {
  if (!existsSync(path)) return {};
  const { Values = {} } = JSON.parse(readFileSync(path, 'utf8')) as { Values?: Record<string, string> };
  return Values;
}
