import { buildApp } from '../../../cli/build.ts';
import { startHost } from '../src/host.ts';

/** Builds and serves a source as `npm start -- --watch` does, in a process whose stderr a test can read; prints the address. */
const [entry = '', outDir = ''] = process.argv.slice(2);
await buildApp({ entry, outDir, watch: true });
const host = await startHost({ appDirectory: outDir, env: {}, watch: true });
process.stdout.write(`${host.url}\n`);
