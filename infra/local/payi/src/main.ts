import { parseArgs } from 'node:util';
import { startPayi } from './server.ts';

/** The Pay-i stand-in as a process of its own: prints its url on the first line and runs until it is asked to stop. */
const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, dialect: { type: 'string', default: 'live' } },
});
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535)
  throw new Error(`--port wants 0 to 65535, got ${values.port}.`);
if (values.dialect !== 'live' && values.dialect !== 'guide') {
  throw new Error(`--dialect wants live or guide, got ${values.dialect}.`);
}

const payi = await startPayi({ port, dialect: values.dialect });
process.stdout.write(`${payi.url}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void payi.close());
