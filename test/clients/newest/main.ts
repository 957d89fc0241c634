import { runSdks } from '../conformance.ts';
import { newestNames } from './names.ts';

/** Runs under the Node of this folder, and writes what came of it as JSON. */
const here = new URL('.', import.meta.url);
const programs = new URL('node_modules/.sdks/', here);
const results = await runSdks(newestNames, { progress: () => undefined }, { programs, packages: here });
process.stdout.write(JSON.stringify(results));
process.exit(0);
