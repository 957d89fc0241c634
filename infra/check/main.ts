import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { CALL_MS } from '../../shared/config/settings.ts';
import { BATCH_MS } from '../../shared/ingest/ingest-batch.ts';
import { type Output, runCommand } from '../cli/command.ts';
import { readHostSettings } from '../local/functions-host/src/worker/host-json.ts';
import { queues } from '../local/queues.ts';
import { parameter } from './app-settings.ts';
import { findBicep } from './bicep-cli.ts';
import { type BicepResult, type Diagnostic, readDiagnostics, runBicep } from './bicep-run.ts';
import { type Check, checkDeployment } from './checks.ts';
import { openServices, type Predicted } from './private.ts';
import { snapshotSettings } from './snapshot-settings.ts';
import { readBuilt } from './template.ts';
import { checkWorkflows } from './workflows.ts';

/**
 * `npm run infra`: lints and builds every Bicep file, checks what each parameter file would deploy, and compares it with what
 * is written down in its snapshot; `--update` rewrites it. Lints the workflows and shell scripts, too. A warning fails.
 */
const command = { usage: 'npm run infra -- [--update]', options: { update: { type: 'boolean' } } } as const;

await runCommand(command, async (args, output) => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const bicep = await findBicep(join(root, '.cache', 'bicep'), output.progress);
  output.progress(`Linting with ${bicep} …`);
  const files = await bicepFiles(root);
  const { functionTimeoutMs, serviceBus } = await readHostSettings(root);
  const times = { batchMs: BATCH_MS, callMs: CALL_MS, functionTimeoutMs };
  const seen: Diagnostic[] = [];
  const checks: Check[] = [];

  for (const pattern of ['infra/**/*.bicep', 'infra/**/*.bicepparam']) {
    const { exitCode, stdout, stderr } = await runBicep(bicep, ['lint', '--pattern', pattern], root);
    seen.push(...readDiagnostics(`${stdout}\n${stderr}`, root));
    checks.push({ name: `${pattern}: lint`, ok: exitCode === 0 });
  }
  for (const file of files) {
    const { stdout } = await runBicep(bicep, ['format', file, '--stdout'], root);
    if (stdout !== (await readFile(join(root, file), 'utf8')))
      checks.push({ name: `${file}: format`, ok: false, found: `run: bicep format ${file}` });
  }
  checks.push({
    name: 'all files are formatted',
    ok: !checks.some(({ name, ok }) => name.endsWith(': format') && !ok),
  });
  for (const file of files.filter((name) => name.endsWith('.bicepparam'))) {
    const { exitCode, stdout, stderr } = await runBicep(bicep, ['build-params', file, '--stdout'], root);
    seen.push(...readDiagnostics(stderr, root));
    checks.push({ name: `${file}: build`, ok: exitCode === 0 });
    if (exitCode !== 0) continue;
    const mode = args.values['update'] === true ? 'overwrite' : 'validate';
    const compared = await runBicep(bicep, ['snapshot', file, '--mode', mode], root);
    checks.push(named(snapshotCheck(compared), file));
    const resources = await predicted(root, file);
    const built = readBuilt(file, stdout, snapshotSettings(resources));
    checks.push(...checkDeployment(built, queues, times, serviceBus).map((check) => named(check, file)));
    if (parameter(built, 'privateNetwork') === true) {
      const open = openServices(resources, parameter(built, 'privateInbound') === true);
      const name = 'only the private network reaches it';
      checks.push(named(open.length === 0 ? { name, ok: true } : { name, ok: false, found: open.join('; ') }, file));
    }
  }
  checks.push(...(await checkWorkflows(root)));
  const warnings = [...new Set(seen.map(describe))];
  print(output, files, warnings, checks);
  return { ok: warnings.length === 0 && checks.every((check) => check.ok), files, warnings, checks };
});

function snapshotCheck({ exitCode, stdout }: BicepResult): Check {
  const name = 'deploys what its snapshot says';
  if (exitCode === 0) return { name, ok: true };
  const changes = stripVTControlCharacters(stdout).trim();
  return { name, ok: false, found: `${changes}\nIf that is meant: npm run infra -- --update` };
}

async function predicted(root: string, file: string): Promise<Predicted[]> {
  const text = await readFile(join(root, file.replace(/bicepparam$/, 'snapshot.json')), 'utf8');
  return (JSON.parse(text) as { predictedResources: Predicted[] }).predictedResources;
}

function named(check: Check, file: string): Check {
  return { ...check, name: `${file}: ${check.name}` };
}

async function bicepFiles(root: string): Promise<string[]> {
  const names = await readdir(join(root, 'infra'), { recursive: true });
  return names
    .map((name) => `infra/${name.replaceAll('\\', '/')}`)
    .filter((name) => /\.bicep(param)?$/.test(name))
    .sort();
}

function describe({ file, line, level, rule, message }: Diagnostic): string {
  return file ? `${file}:${line} ${level.toLowerCase()} ${rule}: ${message}` : message;
}

function print(output: Output, files: string[], warnings: string[], checks: Check[]): void {
  for (const { name, ok, found } of checks)
    output.say(`${ok ? 'ok    ' : 'FAILED'}  ${name}${found ? ` (${found})` : ''}`);
  for (const warning of warnings) output.say(`warning ${warning}`);
  const failed = checks.filter((check) => !check.ok).length;
  output.say(
    `${files.length} files, ${warnings.length} warnings, ${checks.length - failed} of ${checks.length} checks ok`,
  );
}
