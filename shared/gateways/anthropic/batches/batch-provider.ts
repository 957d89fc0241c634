import type { Settings } from '../../../config/settings.ts';
import { TrailmeterError } from '../../../errors/trailmeter-error.ts';
import { checkedAnswer } from '../../ask-provider.ts';
import { readProviderAnswer } from '../../provider-answer.ts';
import { changeAtProvider, ownHeaders } from '../own-requests.ts';
import { anthropicProvider } from '../upstream.ts';

/** The provider's batches as we read them for ourselves. */
export interface BatchProvider {
  /** `gone`: there is no such batch any more. @throws TrailmeterError 502, 504 */
  stateOf(batchId: string): Promise<'running' | 'ended' | 'gone'>;
  /** Undefined where it has none any more. @throws TrailmeterError 502, 504 */
  resultsOf(batchId: string): Promise<ReadableStream<Uint8Array> | undefined>;
  /** Cancels what of it did not run yet. @returns false where the provider did not */
  cancel(batchId: string): Promise<boolean>;
  /** @returns false where the provider did not delete it. @throws TrailmeterError 502, 504 */
  remove(batchId: string): Promise<boolean>;
}

export function createBatchProvider(settings: Settings): BatchProvider {
  const get = async (path: string): Promise<Response | undefined> => {
    const ask = anthropicProvider({ headers: ownHeaders(), url: 'http://127.0.0.1/' }, settings);
    const answer = checkedAnswer(await ask(`/v1/messages/batches/${path}`));
    if (answer.status === 404) return undefined;
    if (!answer.ok)
      throw new TrailmeterError('upstream_failed', `The provider answered ${answer.status}.`, { status: 502 });
    return answer;
  };
  return {
    async stateOf(batchId) {
      const answer = await get(encodeURIComponent(batchId));
      if (!answer) return 'gone';
      const { processing_status: status, archived_at: archived } = await readProviderAnswer(answer);
      if (typeof archived === 'string') return 'gone';
      if (status === 'ended') return 'ended';
      if (status === 'in_progress' || status === 'canceling') return 'running';
      throw new TrailmeterError('upstream_failed', 'The provider does not say whether the batch has ended.', {
        status: 502,
      });
    },
    async resultsOf(batchId) {
      return (await get(`${encodeURIComponent(batchId)}/results`))?.body ?? undefined;
    },
    cancel: (batchId) =>
      changeAtProvider(settings, `/v1/messages/batches/${encodeURIComponent(batchId)}/cancel`, 'POST'),
    remove: (batchId) => changeAtProvider(settings, `/v1/messages/batches/${encodeURIComponent(batchId)}`, 'DELETE'),
  };
}
