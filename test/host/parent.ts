import { startHost } from '../../infra/local/host/host.ts';

/** Starts a host in a process that a test can kill; prints the ids of the app's processes. */
const [appDirectory] = process.argv.slice(2);
const host = await startHost({
  appDirectory: appDirectory ?? '',
  env: { EACH: '0 0 0 1 1 *' },
  instances: 2,
  log: () => {},
});
process.stdout.write(`${JSON.stringify(host.instances.map(({ pid }) => pid))}\n`);
