import { z } from 'zod';
import type { Settings } from '../config/settings.ts';
import { invalidField } from '../errors/request-errors.ts';
import { MAX_NAME, propertiesSchema } from '../events/usage-event.ts';
import type { Caller } from '../identity/caller.ts';
import { oneLine } from '../identity/user-id.ts';
import type { TrackOptions } from '../tracking/track-options.ts';
import { admittedUseCase } from './use-case-name.ts';

const MAX_PROPERTIES = 30;
const MAX_PROPERTY_LENGTH = 500;

/**
 * What a call is for, from its `x-…` headers. User and account are those of the caller: only a trusted key may name others.
 * @param unnamed the use case of calls that name none
 * @throws RequestError 400 naming the header that is wrong.
 */
export function attributionOf(headers: Headers, caller: Caller, settings: Settings, unnamed: string): TrackOptions {
  const line = (name: string) => {
    const value = headers.get(name);
    return value === null ? undefined : oneLine(value, name);
  };
  const name = line('x-use-case-name') ?? unnamed;
  if (name.length > MAX_NAME) throw invalidField('x-use-case-name', `must not be longer than ${MAX_NAME} characters`);
  const id = line('x-use-case-id');
  const step = line('x-use-case-step');
  const version = headers.get('x-use-case-version');
  return {
    useCaseName: admittedUseCase(name, 'x-use-case-name', caller, settings),
    ...(id !== undefined && { useCaseId: id }),
    ...(step !== undefined && { useCaseStep: step }),
    ...(version !== null && { useCaseVersion: versionOf(version) }),
    userId: caller.userId,
    ...(caller.key && { key: caller.key }),
    ...(caller.accountName !== undefined && { accountName: caller.accountName }),
    useCaseProperties: properties(headers, 'x-use-case-properties'),
    requestProperties: properties(headers, 'x-request-properties'),
  };
}

function versionOf(text: string): number {
  const version = z.coerce.number().int().min(1).max(2_147_483_647).safeParse(text);
  if (!version.success) throw invalidField('x-use-case-version', 'must be a whole number from 1');
  return version.data;
}

/** A JSON object of texts, e.g. `{"region":"utah"}`. */
function properties(headers: Headers, name: string): Record<string, string> {
  const text = headers.get(name);
  if (text === null) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidField(name, 'must be a JSON object of texts, e.g. {"region":"utah"}');
  }
  const read = propertiesSchema.safeParse(value);
  const entries = read.success ? Object.entries(read.data) : undefined;
  const fits = entries?.every(([key, item]) => key.length <= MAX_NAME && item.length <= MAX_PROPERTY_LENGTH);
  if (!entries || !fits || entries.length > MAX_PROPERTIES)
    throw invalidField(
      name,
      `must be a JSON object of at most ${MAX_PROPERTIES} texts of ${MAX_PROPERTY_LENGTH} characters`,
    );
  return Object.fromEntries(entries);
}
