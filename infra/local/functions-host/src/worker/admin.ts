import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { App, AppFunction } from './app.ts';
import type { RpcTypedData } from './core-types.ts';
import type { Administer } from './http/http-server.ts';
import type { Invoke } from './invoke.ts';

/** `/admin/host/status`, `/admin/functions` and `POST /admin/functions/{name}`, which runs a function by hand. */
export function createAdmin(app: App, invoke: Invoke): Administer {
  const startedAt = Date.now();
  return async (request, response, path) => {
    const name = /^\/admin\/functions\/([^/]+)$/.exec(path)?.[1];
    if (path === '/admin/host/status' && request.method === 'GET') {
      return json(response, 200, {
        id: 'local',
        state: 'Running',
        version: '4.0.0',
        processUptime: Date.now() - startedAt,
      });
    }
    if (path === '/admin/functions' && request.method === 'GET') {
      return json(
        response,
        200,
        app.functions.map(({ metadata }) => ({ name: metadata.name, config: metadata })),
      );
    }
    const target = name && app.functions.find((one) => one.metadata.name.toLowerCase() === name);
    if (!target || request.method !== 'POST') return json(response, 404, undefined);
    await runByHand(target, request, response, invoke);
  };
}

async function runByHand(
  target: AppFunction,
  request: IncomingMessage,
  response: ServerResponse,
  invoke: Invoke,
): Promise<void> {
  const input = readInput(await text(request));
  if (input === undefined) return json(response, 400, { message: 'The body must be JSON with a text member "input".' });
  const data = handInput(target, input);
  if (data === undefined) return json(response, 400, { message: 'An HTTP function is run by its own route.' });
  json(response, 202, undefined);
  await invoke(target, { data, triggerMetadata: {} }).catch(() => {
    // The invoker has logged it; who ran it has his 202 already.
  });
}

function readInput(body: string): string | undefined {
  try {
    const { input } = JSON.parse(body) as { input?: unknown };
    return typeof input === 'string' ? input : undefined;
  } catch {
    return undefined;
  }
}

function handInput({ trigger }: AppFunction, input: string): RpcTypedData | undefined {
  switch (trigger.type.toLowerCase()) {
    case 'httptrigger':
      return undefined;
    case 'timertrigger':
      return { json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false }) };
    default:
      return trigger.cardinality === 'many' ? { collectionString: { string: [input] } } : { string: input };
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  if (body === undefined) response.writeHead(status, { 'content-length': '0' }).end();
  else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
