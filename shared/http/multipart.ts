import type { HttpRequest } from '@azure/functions';
import { invalidField } from '../errors/request-errors.ts';
import { readBody } from './body.ts';

/**
 * The parts of a `multipart/form-data` request whose type was checked.
 * @throws RequestError 413 above `maxBytes`, 400 when the body is not what it says.
 */
export async function readMultipart(request: HttpRequest, maxBytes: number): Promise<FormData> {
  const contentType = request.headers.get('content-type') ?? '';
  const bytes = await readBody(request, maxBytes);
  try {
    return await new Response(bytes as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': contentType },
    }).formData();
  } catch {
    throw invalidField('body', 'is not valid multipart/form-data');
  }
}
