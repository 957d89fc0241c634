import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { peersFolder } from '../peers/install.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const folder = peersFolder('tracking');
/** Where the peers' packages are found, and nothing is kept. */
const built = `${folder}node_modules/.bench/`;

/** Bundles ours as the app is bundled, and the peers' script around the packages that npm installed. @returns the scripts */
export async function buildSubjects(): Promise<{ ours: string; peer: string }> {
  const options = { bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' } as const;
  const require = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  const ours = `${built}ours.mjs`;
  const peer = `${built}peer.mjs`;
  await build({
    ...options,
    entryPoints: [path('./ours.ts')],
    outfile: ours,
    banner: { js: require },
    external: ['sharp'],
  });
  await build({ ...options, entryPoints: [`${folder}peer.mjs`], outfile: peer, packages: 'external' });
  return { ours, peer };
}
