import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** What Application Insights takes: a request, a dependency and so on. */
export interface Envelope {
  tags: Record<string, string>;
  data: {
    baseType: string;
    baseData: {
      name: string;
      id: string;
      success: boolean;
      responseCode?: string;
      properties: Record<string, string>;
      measurements?: Record<string, number>;
    };
  };
}

export interface Ingestion {
  /** For `APPLICATIONINSIGHTS_CONNECTION_STRING`. */
  connectionString: string;
  envelopes: Envelope[];
  /** Everything that was sent. */
  bodies: string[];
  /** Method, path and credential of each request. */
  requests: { to: string; authorization: string | undefined }[];
  close(): Promise<void>;
}

/** The ingestion endpoint of Application Insights, for clients that do not check its certificate. `status`: what it answers. */
export async function startIngestion(status = 200): Promise<Ingestion> {
  const envelopes: Envelope[] = [];
  const bodies: string[] = [];
  const requests: Ingestion['requests'] = [];
  // The library sends by TLS alone. The certificate is for this machine and for tests.
  const pem = await readFile(new URL('../fixtures/localhost.pem', import.meta.url));
  const server = createServer({ key: pem, cert: pem }, async (request, response) => {
    const bytes = await buffer(request);
    const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    requests.push({ to: `${request.method} ${request.url}`, authorization: request.headers.authorization });
    bodies.push(body);
    const sent = JSON.parse(body) as Envelope[];
    envelopes.push(...sent);
    const answer = { itemsReceived: sent.length, itemsAccepted: status === 200 ? sent.length : 0, errors: [] };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    connectionString: `InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=https://127.0.0.1:${port}/`,
    envelopes,
    bodies,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
