import { BlobServiceClient, RestError } from '@azure/storage-blob';
import { createAzureCredential } from '../util/azure-credential.ts';
import { ExportStoreError } from './errors.ts';
import type { ExportStore } from './export-store.ts';
import { partOf } from './parts.ts';

export interface BlobStoreOptions {
  /** A connection string of the storage account. */
  connection?: string | undefined;
  /** Or the address of its blobs, with managed identity, e.g. `https://myaccount.blob.core.windows.net`. */
  url?: string | undefined;
  container: string;
}

const REQUEST_MS = 30_000;

/** Files in a container of Blob Storage, which is made at its first use. */
export function openBlobStore({ connection, url = '', container }: BlobStoreOptions): ExportStore {
  const options = { retryOptions: { maxTries: 3, tryTimeoutInMs: REQUEST_MS } };
  const service =
    connection === undefined
      ? new BlobServiceClient(url, createAzureCredential(), options)
      : BlobServiceClient.fromConnectionString(connection, options);
  const client = service.getContainerClient(container);
  let made: Promise<unknown> | undefined;

  async function run<T>(request: () => Promise<T>): Promise<T> {
    try {
      made ??= client.createIfNotExists();
      await made;
      return await request();
    } catch (error) {
      made = undefined;
      throw new ExportStoreError(error);
    }
  }

  return {
    async *list({ prefix = '', from = '' } = {}) {
      const pages = await run(async () => client.listBlobsFlat({ prefix }).byPage({ maxPageSize: 1_000 }));
      for (;;) {
        const { done, value } = await run(() => pages.next());
        if (done) return;
        for (const { name, properties } of value.segment.blobItems) {
          const part = name >= from ? partOf(name, properties.contentLength ?? 0) : undefined;
          if (part) yield part;
        }
      }
    },

    create: (name, bytes) =>
      run(async () => {
        try {
          await client
            .getBlockBlobClient(name)
            .upload(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytes.byteLength, {
              conditions: { ifNoneMatch: '*' },
              blobHTTPHeaders: { blobContentType: 'application/vnd.apache.parquet' },
            });
          return true;
        } catch (error) {
          if (error instanceof RestError && (error.statusCode === 409 || error.statusCode === 412)) return false;
          throw error;
        }
      }),

    read: (name) =>
      run(async () => {
        try {
          return await client.getBlobClient(name).downloadToBuffer();
        } catch (error) {
          if (error instanceof RestError && error.statusCode === 404) return undefined;
          throw error;
        }
      }),

    remove: (name) => run(async () => void (await client.getBlobClient(name).deleteIfExists())),
  };
}
