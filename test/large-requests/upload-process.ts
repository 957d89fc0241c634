import type { Load, Upload } from './attack.ts';

const BOUNDARY = 'large-requests';

/**
 * A form without Content-Length. A host reads other bodies whole before it calls the app, and the laptop's does so in the
 * process of the app, whose memory is measured.
 */
async function* formOf(photos: Upload): AsyncGenerator<Uint8Array> {
  for (const [index, bytes] of photos.entries()) {
    const disposition = `content-disposition: form-data; name="images"; filename="${index}.jpg"`;
    yield Buffer.from(`--${BOUNDARY}\r\n${disposition}\r\n\r\n`);
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
    yield Buffer.from('\r\n');
  }
  yield Buffer.from(`--${BOUNDARY}--\r\n`);
}

/** Sends every upload at once; answers how many answers had which status, `503 alone` being without Retry-After. */
process.once('message', async ({ url, key, uploads }: Load) => {
  const byStatus: Record<string, number> = {};
  await Promise.all(
    uploads.map(async (photos) => {
      const status = await statusOf(url, key, photos).catch(() => 'connection closed');
      byStatus[status] = (byStatus[status] ?? 0) + 1;
    }),
  );
  process.send?.(byStatus);
});

async function statusOf(url: string, key: string, photos: Upload): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'x-functions-key': key, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: ReadableStream.from(formOf(photos)),
    duplex: 'half',
  } as RequestInit);
  await answer.arrayBuffer();
  return answer.status === 503 && !answer.headers.has('retry-after') ? '503 alone' : `${answer.status}`;
}
