import { toUsd } from '../../shared/util/money.ts';
import type { Exchange } from './functions-host/src/host.ts';
import type { SpendingByInstance } from './spending.ts';

/**
 * One line for a request: method, path, status, ms and, where a model was called, cost in USD, use case and its instance, then the
 * request's id. Query and access key of the address are left out.
 */
export function describeRequest(exchange: Exchange, spending: SpendingByInstance): string {
  const { method, url, status, headers, ms } = exchange;
  const instanceId = instanceOf(exchange);
  const spent = instanceId === undefined ? undefined : spending.take(instanceId);
  return [
    method.padEnd(4),
    pathOf(url),
    status ?? 'left',
    `${Math.round(ms)} ms`,
    ...(spent ? [usdText(spent.costNanoUsd), spent.useCase, instanceId] : []),
    ...(headers['x-request-id'] ? [`request ${headers['x-request-id']}`] : []),
  ].join('  ');
}

const usdText = (nanoUsd: bigint | null): string => (nanoUsd === null ? 'no price' : `$${toUsd(nanoUsd).toFixed(6)}`);

/** Callers may send a key in the query or behind `/p/`. */
const pathOf = (url: string): string => (url.split('?')[0] ?? '').replace(/^\/p\/[^/]*/, '/p/…');

/** The instance that an answer names: gateways in a header, features in the JSON of the answer or of a stream's last event. */
function instanceOf({ headers, body }: Exchange): string | undefined {
  const header = headers['x-use-case-id'];
  if (typeof header === 'string') return header;
  return [...body.toString('utf8').matchAll(/"use_case_id":"([\w.-]+)"/g)].at(-1)?.[1];
}
