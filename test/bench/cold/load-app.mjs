import { createRequire } from 'node:module';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/**
 * Child process. Loads the app of a folder as the Functions worker does, and sends what that took. Its settings are in the
 * environment; the module that the worker supplies is found through NODE_PATH. JavaScript, so that no compiler is measured.
 */
const [folder = '.'] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const { main } = require('./package.json');
let functions = 0;
globalThis[Symbol.for('trailmeter.functions-core')] = {
  version: '3.0.0',
  hostVersion: '4.0.0',
  setProgrammingModel() {},
  registerFunction() {
    functions += 1;
    return { dispose() {} };
  },
  registerHook: () => ({ dispose() {} }),
  log() {},
};
const from = performance.now();
const before = process.cpuUsage();
require(`./${main}`);
const { user, system } = process.cpuUsage(before);
const wallMs = performance.now() - from;
const loaded = { functions, cpuMs: (user + system) / 1_000, wallMs, rssMb: process.memoryUsage().rss / 2 ** 20 };
process.send(loaded, () => process.exit());
