import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { installPeers, peersFolder } from '../peers/install.ts';
import type { Door } from './calls.ts';

const START_MS = 30_000;
/** Says over the channel what the process has used. Nothing else of the gateway is touched. */
const reporter = `data:text/javascript,${encodeURIComponent(
  "process.on('message', () => process.send(process.cpuUsage())); process.channel.unref();",
)}`;
const paths = { Anthropic: '/v1/messages', OpenAI: '/v1/chat/completions' };

/** Portkey's gateway, which passes calls on to the providers at these addresses. It limits and reports nothing. */
export async function startPortkeyDoor(
  port: number,
  providers: Record<'Anthropic' | 'OpenAI', { baseUrl: string; apiKey: string }>,
  progress: (text: string) => void,
): Promise<Door> {
  await installPeers('door', '@portkey-ai', progress);
  const script = `${peersFolder('door')}node_modules/@portkey-ai/gateway/build/start-server.js`;
  const child = fork(script, [`--port=${port}`, '--headless'], {
    execArgv: ['--import', reporter],
    env: { ...process.env, NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const url = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  for (const until = Date.now() + START_MS; !(await isUp()); await delay(100))
    if (Date.now() > until || child.exitCode !== null) throw new Error('Portkey did not start.');
  return {
    async cpuUs() {
      child.send('cpu');
      const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
      return user + system;
    },
    addressOf: (api) => ({
      url: url + paths[api],
      headers: {
        'x-portkey-provider': api.toLowerCase(),
        'x-portkey-custom-host': providers[api].baseUrl,
        authorization: `Bearer ${providers[api].apiKey}`,
        'x-api-key': providers[api].apiKey,
      },
    }),
    async close() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
