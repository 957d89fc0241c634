import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { ApiProblem, invalid, sendJson } from '../errors.ts';
import { decodedPart } from '../incoming.ts';
import { idFrom } from '../random.ts';

interface KeptFile {
  id: string;
  filename: string;
  mime_type: string;
  created_at: string;
  bytes: Buffer<ArrayBuffer>;
}

const ROOT = '/v1/files';

/** The Files API: what is uploaded can be listed, read and deleted. */
export class Files {
  readonly #files = new Map<string, KeptFile>();
  readonly #nextId: () => string;
  readonly #now: () => number;

  constructor({ seed, ordinal, now }: { seed: string; ordinal(): number; now(): number }) {
    this.#nextId = () => idFrom('file', `${seed}:${ordinal()}`);
    this.#now = now;
  }

  clear(): void {
    this.#files.clear();
  }

  /** @throws ApiProblem */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    headers: Record<string, string>,
  ): Promise<void> {
    const [id, part] = path.slice(ROOT.length + 1).split('/');
    const route = `${request.method} ${id ? '{id}' : ''}${part ? `/${part}` : ''}`;
    const send = (body: unknown) => sendJson(response, 200, body, headers);
    switch (route) {
      case 'POST ':
        return send(viewOf(await this.#keep(request)));
      case 'GET ':
        return send({ data: [...this.#files.values()].reverse().map(viewOf), has_more: false, next_page: null });
      case 'GET {id}':
        return send(viewOf(this.#find(id)));
      case 'DELETE {id}':
        this.#files.delete(this.#find(id).id);
        return send({ id, type: 'file_deleted' });
      case 'GET {id}/content':
        response.writeHead(200, { 'content-type': 'application/octet-stream', ...headers });
        response.end(this.#find(id).bytes);
        return;
      default:
        throw new ApiProblem(404, `${request.method} ${path} is not a route of the stand-in`);
    }
  }

  async #keep(request: IncomingMessage): Promise<KeptFile> {
    const type = request.headers['content-type'] ?? '';
    const body = Readable.toWeb(request) as ReadableStream<Uint8Array>;
    // What is not a form has no file, which is said below.
    const form = await new Response(body, { headers: { 'content-type': type } }).formData().catch(() => undefined);
    const file = form?.get('file');
    if (!(file instanceof File)) throw invalid('file: Field required');
    const kept = {
      id: this.#nextId(),
      filename: file.name,
      mime_type: file.type || 'application/octet-stream',
      created_at: new Date(this.#now()).toISOString(),
      bytes: Buffer.from(await file.arrayBuffer()),
    };
    this.#files.set(kept.id, kept);
    return kept;
  }

  #find(part = ''): KeptFile {
    const id = decodedPart(part);
    const file = this.#files.get(id);
    if (!file) throw new ApiProblem(404, `File not found: ${id}`);
    return file;
  }
}

/** A file as the API describes it. */
const viewOf = ({ bytes, ...file }: KeptFile) => ({
  type: 'file',
  ...file,
  size_bytes: bytes.length,
  downloadable: true,
});
