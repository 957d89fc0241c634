import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startModel } from '../../../infra/local/model/server.ts';
import type { BenchPart, PartResult } from '../part.ts';
import { type Comparison, type Mode, modes } from '../tracking/compare.ts';

const GOAL_US = 100;
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const peersFolder = path('../peers/tracking/');

const subjects = [
  { name: 'trailmeter tracked()', script: path('../tracking/ours.ts'), argument: '' },
  { name: 'Langfuse (OpenInference)', script: `${peersFolder}peer.mjs`, argument: 'langfuse' },
  { name: 'OpenLLMetry', script: `${peersFolder}peer.mjs`, argument: 'openllmetry' },
];

/** CPU that a call of the official SDK takes more for being tracked, beside two peers, on the model stand-in. */
const part: BenchPart = { part: 'tracking', run };
export default part;

async function run({ progress }: { progress: (text: string) => void }): Promise<PartResult> {
  await installPeers(progress);
  const model = await startModel();
  const rows: PartResult['rows'] = [];
  const added = new Map<string, number>();
  try {
    for (const mode of modes) {
      for (const { name, script, argument } of subjects) {
        progress(`${name}, ${mode}`);
        const result = await measure(script, [model.url, mode, argument]);
        added.set(`${name} ${mode}`, result.addedCpuUs);
        rows.push({ name: `${name}, ${mode}`, ...result });
      }
    }
  } finally {
    await model.close();
  }
  return {
    on: [
      '@anthropic-ai/sdk 1.12.0',
      '@langfuse/otel 5.11.1 with @arizeai/openinference-instrumentation-anthropic 0.2.8',
      '@traceloop/instrumentation-anthropic 0.27.0',
      'ours: limits and publishing on, with an in-memory gate and publisher; peers: spans batched to an exporter that drops them',
    ],
    rows,
    goals: modes.flatMap((mode) => goalsOf(mode, added)),
  };
}

function goalsOf(mode: Mode, added: Map<string, number>): PartResult['goals'] {
  const [ours = Number.NaN, ...peers] = subjects.map(({ name }) => added.get(`${name} ${mode}`) ?? Number.NaN);
  const least = Math.min(...peers);
  return [
    { name: `added CPU, ${mode}`, goal: `< ${GOAL_US} µs a call`, got: `${ours} µs`, met: ours < GOAL_US },
    { name: `below both peers, ${mode}`, goal: `< ${least} µs a call`, got: `${ours} µs`, met: ours < least },
  ];
}

/** Only this benchmark needs them, so only it installs them, from their own lock file. */
async function installPeers(progress: (text: string) => void): Promise<void> {
  if (existsSync(`${peersFolder}node_modules`)) return;
  progress('installing the peers');
  const shell = process.platform === 'win32';
  await new Promise<void>((resolve, reject) => {
    const npm = spawn('npm', ['ci', '--no-audit', '--no-fund'], { cwd: peersFolder, stdio: 'ignore', shell });
    npm.once('error', reject);
    npm.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`npm ci of the peers ended with ${code}`))));
  });
}

async function measure(script: string, args: string[]): Promise<Comparison> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, ...args]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Comparison;
}
