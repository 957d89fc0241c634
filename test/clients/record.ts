import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Client } from './client.ts';
import type { UploadForm } from './forms.ts';

/** Keeps what a client sends as `<folder>/<form>.form`: the header `content-type`, an empty line, the body. */
export async function record(folder: string, client: Client, form: UploadForm): Promise<void> {
  let recorded: Buffer | undefined;
  const server = createServer(async (request, response) => {
    if (request.method === 'POST')
      recorded = Buffer.concat([
        Buffer.from(`content-type: ${request.headers['content-type']}\r\n\r\n`),
        await buffer(request),
      ]);
    response.end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    await client.upload(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/analyze`, form);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  if (recorded === undefined) throw new Error(`The form ${form.name} was not sent.`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${form.name}.form`), recorded);
}
