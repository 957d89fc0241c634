import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { allGeneratedPositionsFor, originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';

const project = fileURLToPath(new URL('../../', import.meta.url));
const start = ['--import', 'tsx', 'infra/local/start.ts', '--port', '0', '--inspect=0'];

/** A file of the program and a line in it that runs at each request, counted from 1. */
const file = `${project}shared/http/health.ts`;
const line =
  readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((text) => text.includes('clock.now()')) + 1;

interface Message {
  id?: number;
  method?: string;
  params?: { url?: string; scriptId?: string; sourceMapURL?: string; callFrames?: { location: Place }[] };
}

interface Place {
  scriptId: string;
  lineNumber: number;
  columnNumber: number;
}

/** A debugger by the inspector protocol. `heard` are its events in order. */
async function attach(address: string) {
  const socket = new WebSocket(address);
  await once(socket, 'open');
  onTestFinished(() => socket.close());
  const heard: Message[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data)) as Message));
  let lastId = 0;
  const send = async (method: string, params: object = {}) => {
    lastId += 1;
    const id = lastId;
    socket.send(JSON.stringify({ id, method, params }));
    await expect.poll(() => heard.some((message) => message.id === id)).toBe(true);
  };
  return { heard, send };
}

test('a breakpoint in a file of the program is hit under npm start -- --inspect', async () => {
  const child = spawn(process.execPath, start, {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  await expect.poll(() => said, { timeout: 90_000 }).toContain('Ctrl-C ends all of it.');
  const [, address = ''] = /Debugger listening on (ws:\/\/127\.0\.0\.1:\d+\/\S+)/.exec(said) ?? [];
  const [, url = ''] = /the app +(http:\S+)/.exec(said) ?? [];

  const { heard, send } = await attach(address);
  await send('Debugger.enable');
  const bundle = heard.find(({ params }) => params?.url?.endsWith('/dist/functions/index.cjs'))?.params;
  const mapUrl = new URL(bundle?.sourceMapURL ?? '', bundle?.url);
  const map = new TraceMap(readFileSync(mapUrl, 'utf8'), mapUrl.href);
  const source = pathToFileURL(file).href;
  const [place] = allGeneratedPositionsFor(map, { source, line, column: 0 });
  await send('Debugger.setBreakpointByUrl', {
    url: bundle?.url,
    lineNumber: (place?.line ?? 0) - 1,
    columnNumber: place?.column,
  });

  const answer = fetch(`${url}/api/health`);
  const paused = () => heard.find(({ method }) => method === 'Debugger.paused')?.params?.callFrames?.[0]?.location;
  await expect.poll(paused).toBeDefined();
  const { lineNumber = 0, columnNumber = 0 } = paused() ?? {};
  expect(originalPositionFor(map, { line: lineNumber + 1, column: columnNumber })).toMatchObject({ source, line });
  await send('Debugger.resume');
  expect((await answer).status).toBe(200);

  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect((await ended)[0]).toBe(130);
});
