import { TrailmeterError } from '../errors/trailmeter-error.ts';
import { isRecord } from '../util/json/record.ts';

/** The JSON object of a provider's answer. @throws TrailmeterError 502 for what is not one */
export async function readProviderAnswer(answer: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await answer.json();
    if (isRecord(body)) return body;
  } catch (cause) {
    throw unreadable(cause);
  }
  throw unreadable();
}

const unreadable = (cause?: unknown): TrailmeterError =>
  new TrailmeterError('upstream_failed', "The provider's answer could not be read.", { status: 502, cause });
