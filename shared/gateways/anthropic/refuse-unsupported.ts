import { invalidField, RequestError } from '../../errors/request-errors.ts';
import { isRecord } from '../../util/json/record.ts';

/** @throws RequestError 400 for parameters of a message that continue a thread or name who pays */
export function refuseUnsupported(params: unknown): void {
  const { thread, billing_policy: payer }: Record<string, unknown> = isRecord(params) ? params : {};
  if ((thread ?? null) !== null) throw threadRefused();
  if ((payer ?? null) !== null) throw invalidField('billing_policy', 'is not supported here');
}

/** Refused so that the SDK's tool runner falls back to sending the whole history, which our bound can see. */
const threadRefused = (): RequestError =>
  new RequestError('thread_unsupported_request', 'Threads kept by the server are not supported here.', {
    status: 400,
  });
