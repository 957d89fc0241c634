import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose';

/** A request as it came to the platform. */
export interface PlatformCall {
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

/** What Vertex AI does before Anthropic's API, and Google's exchange of tokens. */
export interface VertexFront {
  url: string;
  /** The setting `VERTEX_ACCOUNT_KEY`. */
  accountKey: string;
  calls: PlatformCall[];
  /** How many tokens were given, and for how long they are; seconds. */
  tokens: { given: number; lifetimeS: number };
  close(): Promise<void>;
}

const ACCOUNT = 'trails@project.iam.gserviceaccount.com';
const modelRoute =
  /^\/v1\/projects\/project\/locations\/[a-z0-9-]+\/publishers\/anthropic\/models\/([^/:]+):(rawPredict|streamRawPredict)$/;

/** @param modelUrl the model stand-in, which wants the key `provider-secret` */
export async function startVertexFront(modelUrl: string): Promise<VertexFront> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const calls: PlatformCall[] = [];
  const tokens = { given: 0, lifetimeS: 3_600 };

  async function answerFor(path: string, headers: IncomingHttpHeaders, stream: Readable): Promise<Response> {
    if (path === '/token') {
      const form = await new Response(Readable.toWeb(stream) as ReadableStream, {
        headers: headers as never,
      }).formData();
      const { payload } = await jwtVerify(String(form.get('assertion')), publicKey, {
        issuer: ACCOUNT,
        audience: `${url}/token`,
      });
      if (payload['scope'] !== 'https://www.googleapis.com/auth/cloud-platform')
        return Response.json({}, { status: 400 });
      tokens.given += 1;
      return Response.json({ access_token: `token-${tokens.given}`, expires_in: tokens.lifetimeS });
    }
    const body = (await json(stream)) as Record<string, unknown>;
    calls.push({ path, headers, body });
    const [, model, method] = modelRoute.exec(path) ?? [];
    if (!model) return Response.json({ error: { code: 404 } }, { status: 404 });
    if (headers.authorization !== `Bearer token-${tokens.given}`) return Response.json({ error: {} }, { status: 401 });
    const { anthropic_version: version, ...rest } = body;
    const isCount = model === 'count-tokens';
    const isWrong = (isCount ? rest['model'] === undefined : 'model' in rest) || headers['anthropic-version'];
    if (isWrong || (method === 'streamRawPredict') !== (rest['stream'] === true))
      return Response.json({ error: { message: 'Extra inputs are not permitted' } }, { status: 400 });
    return fetch(`${modelUrl}/v1/messages${isCount ? '/count_tokens' : ''}`, {
      method: 'POST',
      headers: { 'x-api-key': 'provider-secret', 'anthropic-version': String(version) },
      body: JSON.stringify(isCount ? rest : { model: decodeURIComponent(model).replace('@', '-'), ...rest }),
    });
  }

  const server = createServer(async (request, response) => {
    const answer = await answerFor(request.url ?? '', request.headers, request).catch(
      () => new Response('', { status: 500 }),
    );
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
    if (answer.body) Readable.fromWeb(answer.body as never).pipe(response);
    else response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    accountKey: JSON.stringify({
      type: 'service_account',
      client_email: ACCOUNT,
      private_key: await exportPKCS8(privateKey),
      token_uri: `${url}/token`,
    }),
    calls,
    tokens,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
