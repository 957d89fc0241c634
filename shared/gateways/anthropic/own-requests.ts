import type { Settings } from '../../config/settings.ts';
import { RequestError } from '../../errors/request-errors.ts';
import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import type { PlatformSettings } from '../../model/platforms/claude-platform.ts';
import { readerOf } from '../../util/fetch/replaced-body.ts';
import { checkedAnswer } from '../ask-provider.ts';
import { readProviderAnswer } from '../provider-answer.ts';
import { anthropicProvider } from './upstream.ts';

/** Of requests that no caller sent: the API's version that our reading is written for. */
export const ownHeaders = (): Headers => new Headers({ 'anthropic-version': '2023-06-01' });

/**
 * Changes something at the provider that need not be there any more.
 * @returns false where the provider refuses it, and where the platform does not have this API
 * @throws TrailmeterError 502, 504 where it may be tried again
 */
export async function changeAtProvider(
  settings: PlatformSettings & Pick<Settings, 'MODEL_DEADLINE_MS'>,
  path: string,
  method: 'POST' | 'DELETE',
): Promise<boolean> {
  const ask = anthropicProvider({ headers: ownHeaders(), url: 'http://127.0.0.1/' }, settings);
  let answer: Response;
  try {
    answer = checkedAnswer(await ask(path, { method }));
  } catch (error) {
    if (error instanceof RequestError) return false;
    throw error;
  }
  if (answer.ok) {
    // An error with a status of success changes nothing.
    await readProviderAnswer(answer);
    return true;
  }
  // Unread, it would hold its connection.
  await readerOf(answer)?.cancel();
  if (answer.status === 429 || answer.status >= 500)
    throw new TrailmeterError('upstream_failed', `The provider answered ${answer.status}.`, { status: 502 });
  return answer.status === 404;
}
