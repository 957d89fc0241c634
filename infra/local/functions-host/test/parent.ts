import { startTables } from '../../tables/src/tables.ts';
import { startHost } from '../src/host.ts';

/** Starts a host and tables in a process that a test can kill; prints the ids of the app's processes and the tables' address. */
const [appDirectory] = process.argv.slice(2);
const host = await startHost({
  appDirectory: appDirectory ?? '',
  env: { EACH: '0 0 0 1 1 *' },
  instances: 2,
  log: () => {},
});
const tables = await startTables();
process.stdout.write(`${JSON.stringify({ pids: host.instances.map(({ pid }) => pid), tables: tables.url })}\n`);
