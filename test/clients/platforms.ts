import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import type Anthropic from '@anthropic-ai/sdk';
import type { Output } from '../../infra/cli/command.ts';
import { startAnthropicGateway } from '../gateways/anthropic-gateway.ts';
import { expectedAuthorization, type SignedRequest } from '../gateways/aws-signature.ts';
import { GATEWAY_KEY, gatewaySettings } from '../gateways/serve.ts';
import type { ClientResult } from './run.ts';

/** A file of the folder `platforms`: the platform's own SDK, and the settings with which the gateway stands for it. */
interface PlatformProgram {
  installed: string;
  signedWith?: string;
  settings(url: string): Record<string, string>;
  open(url: string): Anthropic;
}

type Sdk = Pick<Anthropic, 'messages'>;

interface PlainSdk {
  openPlain(url: string, apiKey: string): Sdk;
}

export const platformNames = ['foundry', 'bedrock', 'vertex'];
const require = createRequire(import.meta.url);
const params = {
  model: 'claude-sonnet-5-5',
  max_tokens: 200,
  messages: [{ role: 'user' as const, content: 'Which trail is dry in Zürich?' }],
};
const kinds: Record<string, (sdk: Sdk) => Promise<unknown>> = {
  json: (sdk) => sdk.messages.create(params),
  stream: (sdk) => sdk.messages.stream(params).finalMessage(),
  count: (sdk) => sdk.messages.countTokens({ model: params.model, messages: params.messages }),
};
/** Headers that a platform reads. */
const compared = ['content-type', 'anthropic-version', 'anthropic-beta', 'x-api-key'];

/** What the gateway sends to a platform must be what the platform's own SDK sends there. */
export async function runPlatforms(names: readonly string[], output: Output): Promise<ClientResult[]> {
  const gateway = await startAnthropicGateway();
  const platform = await startRecorder();
  const results: ClientResult[] = [];
  try {
    const { openPlain } = (await import(new URL('./platforms/plain.mjs', import.meta.url).href)) as PlainSdk;
    for (const name of names) {
      output.progress(`${name} …`);
      const program = (await import(new URL(`./platforms/${name}.mjs`, import.meta.url).href)) as PlatformProgram;
      gateway.settings = gatewaySettings({ ANTHROPIC_PLATFORM: name, ...program.settings(platform.url) });
      const faults: string[] = [];
      for (const [kind, call] of Object.entries(kinds)) {
        platform.calls.length = 0;
        // The recorder refuses everything: only the requests count.
        await call(program.open(platform.url)).catch(() => undefined);
        await call(openPlain(`${gateway.url}/anthropic`, GATEWAY_KEY)).catch(() => undefined);
        const fault = differenceOf(platform.calls, program.signedWith);
        if (fault !== undefined) faults.push(`${kind}: ${fault}`);
      }
      const { version } = require(`./node_modules/${program.installed}/package.json`) as { version: string };
      results.push({ name, version, cases: Object.keys(kinds).length, failed: faults.length, faults });
    }
  } finally {
    await Promise.all([gateway.close(), platform.close()]);
  }
  return results;
}

function differenceOf(calls: readonly SignedRequest[], secret: string | undefined): string | undefined {
  const [direct, passed] = calls;
  if (!direct || !passed || calls.length > 2) return `${calls.length} requests instead of 2`;
  if (direct.target !== passed.target) return `${passed.target} instead of ${direct.target}`;
  if (!isDeepStrictEqual(JSON.parse(direct.body), JSON.parse(passed.body))) return `another body: ${passed.body}`;
  const header = compared.find((name) => direct.headers[name] !== passed.headers[name]);
  if (header) return `${header}: ${passed.headers[header]} instead of ${direct.headers[header]}`;
  if (secret === undefined)
    return direct.headers.authorization === passed.headers.authorization ? undefined : 'another authorization';
  const wrong = calls.findIndex((call) => call.headers.authorization !== expectedAuthorization(call, secret));
  return wrong === -1 ? undefined : `the signature of ${wrong === 0 ? 'the SDK' : 'the gateway'} is wrong`;
}

/** Keeps the requests, but for those of a token. */
async function startRecorder() {
  const calls: SignedRequest[] = [];
  const server = createServer(async (request, response) => {
    const call = { target: request.url ?? '', headers: request.headers, body: await text(request) };
    response.setHeader('content-type', 'application/json');
    if (call.target === '/token') {
      response.end(JSON.stringify({ access_token: 'google-token', expires_in: 3_600 }));
      return;
    }
    calls.push(call);
    response.writeHead(400).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
