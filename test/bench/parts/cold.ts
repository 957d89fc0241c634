import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../../../infra/cli/build.ts';
import { type Loaded, loadApp } from '../cold/load-app.ts';
import { estimate } from '../method/estimate.ts';
import { measureInRounds } from '../method/rounds.ts';
import { areDecided, judgeClaim } from '../method/verdict.ts';
import type { BenchPart, Goal } from '../part.ts';

const SMALL = 'as it is deployed (minified)';
const PLAIN = 'as it runs on a laptop';
const GOAL_MB = 3;
const GOAL_MS = 200;

/** Size of the built app, and what loading it in a new process takes until its functions are registered. */
const bench: BenchPart = {
  part: 'cold',
  async run({ progress }) {
    const folder = await mkdtemp(join(tmpdir(), 'bench-cold-'));
    const [small, plain] = [join(folder, 'small'), join(folder, 'plain')];
    try {
      progress('building');
      await buildApp({ outDir: small, deployable: true });
      await buildApp({ outDir: plain });
      progress('loading');
      const subjects = new Map([
        [SMALL, () => loadApp(small)],
        [PLAIN, () => loadApp(plain)],
      ]);
      const goalOf = (measured: Map<string, Loaded[]>): Goal =>
        judgeClaim(
          { name: 'CPU until the app is loaded', unit: 'ms', below: GOAL_MS },
          (measured.get(SMALL) ?? []).map(({ cpuMs }) => cpuMs),
        );
      const measured = await measureInRounds(subjects, (so) => areDecided([goalOf(so)]));
      const bundleMb = (await stat(join(small, 'dist/functions/index.cjs'))).size / 1e6;
      const rows = [
        { name: SMALL, bundleMb: round(bundleMb), ...figures(measured.get(SMALL) ?? []) },
        {
          name: PLAIN,
          bundleMb: round((await stat(join(plain, 'dist/functions/index.cjs'))).size / 1e6),
          ...figures(measured.get(PLAIN) ?? []),
        },
        { name: 'packages that are not bundled (native code)', mb: round(await sizeMb(join(small, 'node_modules'))) },
      ];
      return {
        on: ['a new process each time, files in the cache of the system', 'settings with connection strings'],
        rows,
        goals: [
          { name: 'bundle', goal: `< ${GOAL_MB} MB`, got: `${round(bundleMb)} MB`, met: bundleMb < GOAL_MB },
          goalOf(measured),
        ],
      };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
export default bench;

const figures = (loaded: Loaded[]) => ({
  loads: loaded.length,
  cpuMs: Math.round(estimate(loaded.map(({ cpuMs }) => cpuMs)).median),
  wallMs: Math.round(estimate(loaded.map(({ wallMs }) => wallMs)).median),
  rssMb: Math.round(estimate(loaded.map(({ rssMb }) => rssMb)).median),
});

const round = (value: number): number => Number(value.toFixed(2));

async function sizeMb(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0) / 1e6;
}
