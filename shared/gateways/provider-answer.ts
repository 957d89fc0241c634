import { TrailmeterError } from '../errors/trailmeter-error.ts';
import { isRecord } from '../util/json/record.ts';
import { wholeAnswer } from './ask-provider.ts';

/**
 * The JSON object of a provider's answer, of which we need a member.
 * @throws TrailmeterError 502 for what is not one, and for an error with a status of success; else as `wholeAnswer`
 */
export async function readProviderAnswer(answer: Response): Promise<Record<string, unknown>> {
  const body = parsed(await wholeAnswer(answer));
  if (!isRecord(body)) throw unusable("The provider's answer could not be read.");
  if (isRecord(body['error'])) throw unusable(`The provider answered ${answer.status} with an error.`);
  return body;
}

/** The objects of a provider's list. @throws TrailmeterError 502 as `readProviderAnswer`, and for what has no list */
export async function readProviderList(answer: Response): Promise<Record<string, unknown>[]> {
  const { data } = await readProviderAnswer(answer);
  // As an empty list it would say that there is nothing.
  if (!Array.isArray(data)) throw unusable("The provider's answer has no list.");
  return data.filter(isRecord);
}

/** The id of what the provider made. @throws TrailmeterError 502 for an answer without one */
export function providerId({ id }: Record<string, unknown>): string {
  if (typeof id !== 'string' || id === '') throw unusable("The provider's answer has no id.");
  return id;
}

function parsed(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch (cause) {
    throw unusable("The provider's answer could not be read.", cause);
  }
}

const unusable = (message: string, cause?: unknown): TrailmeterError =>
  new TrailmeterError('upstream_failed', message, { status: 502, cause });
