import { type HttpAnswer, json } from '../../../http/answer.ts';

/** A batch as a caller of the gateway sees it: its results are fetched here too, where the caller's key is known. */
export function ownBatch(batch: Record<string, unknown>, requestUrl: string): Record<string, unknown> {
  const { id, results_url: resultsUrl } = batch;
  if (typeof resultsUrl !== 'string') return batch;
  const { origin } = new URL(requestUrl);
  return {
    ...batch,
    results_url: `${origin}/anthropic/v1/messages/batches/${encodeURIComponent(String(id))}/results`,
  };
}

export const batchAnswer = (
  batch: Record<string, unknown>,
  requestUrl: string,
  headers: Record<string, string>,
): HttpAnswer => json(200, ownBatch(batch, requestUrl), headers);
