import { invalidField } from '../../errors/request-errors.ts';
import { readProviderJson } from '../provider-json.ts';
import { threadRefused } from './errors.ts';

/**
 * The body of a Messages request.
 * @throws RequestError 400 as `readProviderJson`, and for a body that continues a thread or names who pays
 */
export function readMessagesBody(bytes: Uint8Array): unknown {
  const body = readProviderJson(bytes);
  refuseUnsupported(body);
  return body;
}

/** @throws RequestError 400 for parameters of a message that continue a thread or name who pays */
export function refuseUnsupported(params: unknown): void {
  if (has(params, 'thread')) throw threadRefused();
  if (has(params, 'billing_policy')) throw invalidField('billing_policy', 'is not supported here');
}

const has = (body: unknown, name: string): boolean =>
  typeof body === 'object' && body !== null && ((body as Record<string, unknown>)[name] ?? null) !== null;
