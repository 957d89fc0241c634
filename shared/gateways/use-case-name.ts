import type { Settings } from '../config/settings.ts';
import { invalidField } from '../errors/request-errors.ts';
import type { Caller } from '../identity/caller.ts';
import { allUseCases, useCases } from '../use-cases/use-cases.ts';

/** What calls of the Anthropic gateway without a name count for. */
export const anthropicUseCase = useCases.anthropic.name;
/** The same of the OpenAI gateway. */
export const openaiUseCase = useCases.openai.name;

const ours: readonly string[] = allUseCases.map(({ name }) => name);

/**
 * The name, if the caller may count for it. Each new name becomes a use case at Pay-i and a column of every report, so callers
 * may name only ours, those of GATEWAY_USE_CASES and those that their key lists; where that setting is empty, a caller with an access
 * key may name any.
 * @throws RequestError 400 naming the header or member (`field`).
 */
export function admittedUseCase(
  name: string,
  field: string,
  caller: Caller,
  { GATEWAY_USE_CASES: listed }: Pick<Settings, 'GATEWAY_USE_CASES'>,
): string {
  if (caller.key?.useCases?.includes(name)) return name;
  const isTrusted = caller.via === 'access-key' || caller.via === 'development';
  if (ours.includes(name) || listed.includes(name) || (listed.length === 0 && isTrusted)) return name;
  throw invalidField(
    field,
    `must be a use case that this service knows; GATEWAY_USE_CASES lists more than ${ours.join(', ')}`,
  );
}
