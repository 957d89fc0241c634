import { BlobServiceClient, RestError } from '@azure/storage-blob';
import type { AzureCredential } from '../util/azure/azure-credential.ts';
import type { ExportStore } from './export-store.ts';
import { partOf } from './parts.ts';

export interface BlobStoreOptions {
  /** A connection string of the storage account. */
  connection?: string | undefined;
  /** Or the address of its blobs, e.g. `https://myaccount.blob.core.windows.net`, and who asks. */
  url?: string | undefined;
  credential?: AzureCredential | undefined;
  container: string;
  /** Makes the error of a request that failed. Passed in: this module is loaded apart, with classes of its own. */
  failed(cause: unknown): Error;
}

const REQUEST_MS = 30_000;

/** Files in a container of Blob Storage, which is made at its first use. */
export function openBlobStore({ connection, url = '', credential, container, failed }: BlobStoreOptions): ExportStore {
  const options = { retryOptions: { maxTries: 3, tryTimeoutInMs: REQUEST_MS } };
  const service =
    connection === undefined
      ? new BlobServiceClient(url, credential, options)
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
      throw failed(error);
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
