import type { HttpRequest } from '@azure/functions';
import type { Settings } from '../config/settings.ts';
import { readBody } from '../http/body.ts';
import { JSON_COPIES, type RequestMemory, takeForBody } from '../http/memory/request-memory.ts';

/** The provider takes no larger request. */
const PROVIDER_BYTES = 33_554_432;

/**
 * Does `work` with the body of a request to the provider, and holds memory for it until then.
 * @throws RequestError 413 for what the provider would not take; TrailmeterError 503 without memory for it.
 */
export async function withProviderBody<T>(
  request: HttpRequest,
  { settings, memory }: { settings: Pick<Settings, 'MAX_REQUEST_BYTES'>; memory: RequestMemory },
  work: (bytes: Uint8Array) => Promise<T>,
): Promise<T> {
  const maxBytes = Math.min(settings.MAX_REQUEST_BYTES, PROVIDER_BYTES);
  const taken = await takeForBody(request, memory, maxBytes, JSON_COPIES);
  try {
    return await work(await readBody(request, maxBytes, taken));
  } finally {
    taken.share.release();
  }
}
