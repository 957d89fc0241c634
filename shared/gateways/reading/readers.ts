import { countedMembers } from '../../model/request/count-tokens.ts';
import { readChatShape } from '../../model/request/openai/chat-shape.ts';
import { readEmbeddingsShape } from '../../model/request/openai/embeddings-shape.ts';
import { readResponseShape } from '../../model/request/openai/response-shape.ts';
import { type RequestShape, readMessagesShape } from '../../model/request/request-shape.ts';
import type { BodyEdit } from '../../util/bytes/body-edit.ts';
import { type BatchCounts, readBatchCounts } from '../anthropic/batches/batch-counts.ts';
import { type ReadBatch, readBatch } from '../anthropic/batches/batch-requests.ts';
import type { CountedMembers } from '../anthropic/counted-body.ts';
import { fileIdsOf } from '../anthropic/files/file-ids.ts';
import { refuseUnsupported } from '../anthropic/refuse-unsupported.ts';
import { askForUsage } from '../openai/ask-usage.ts';
import { refuseKept } from '../openai/refuse-kept.ts';
import { type ChangeableBody, changeableBody } from './changeable-body.ts';
import { readProviderJson } from './provider-json.ts';

/** What a gateway needs of a request: little, however large the body is. */
export interface ReadRequest {
  shape: RequestShape;
  /** How the body differs that the provider gets. */
  edit?: BodyEdit | undefined;
  /** Where a cheaper form changes it. */
  changeable: ChangeableBody;
}

export interface ReadOptions {
  /** The header `anthropic-beta`. */
  betas?: string | null;
  /** When the request came: prices are dated. ms, UTC. */
  atMs?: number;
}

/**
 * Reads the body of a request to a provider. They take and give plain data only, since a thread may do it.
 * @throws RequestError 400 for what is not supported or could be read in two ways
 */
export const readers = {
  /** `counted`: where the members stand that count_tokens takes. `fileIds`: files of the provider that the request names. */
  messages(bytes: Uint8Array, { betas }: ReadOptions): ReadRequest & { counted: CountedMembers; fileIds: string[] } {
    const { body, spans } = readProviderJson(bytes);
    refuseUnsupported(body);
    const counted = [...spans].filter(([name]) => countedMembers.includes(name));
    const shape = readMessagesShape(body, betas);
    // What a file holds is not in the request, so that its shape is opaque; most requests need no second walk.
    const fileIds = shape.opaqueBy.length > 0 ? fileIdsOf(body) : [];
    return { shape, counted, changeable: changeableBody(spans), fileIds };
  },
  chat(bytes: Uint8Array): ReadRequest {
    const read = readProviderJson(bytes);
    const changeable = changeableBody(read.spans);
    return { shape: readChatShape(read.body), edit: askForUsage(bytes, read), changeable };
  },
  responses(bytes: Uint8Array): ReadRequest {
    const { body, spans } = readProviderJson(bytes);
    refuseKept(body);
    return { shape: readResponseShape(body), changeable: changeableBody(spans) };
  },
  embeddings(bytes: Uint8Array): ReadRequest {
    const { body, spans } = readProviderJson(bytes);
    return { shape: readEmbeddingsShape(body), changeable: changeableBody(spans) };
  },
  batch: (bytes: Uint8Array, { betas = null, atMs = 0 }: ReadOptions): ReadBatch => readBatch(bytes, betas, atMs),
  batchCounts: (bytes: Uint8Array, { betas = null, atMs = 0 }: ReadOptions): BatchCounts =>
    readBatchCounts(bytes, betas, atMs),
} satisfies Record<string, (bytes: Uint8Array, options: ReadOptions) => object>;

export type Readers = typeof readers;
