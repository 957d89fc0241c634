import { responsesOf } from '../../shared/api/failures.ts';
import { routes } from '../../shared/api/routes.ts';
import { routesOfPath } from '../../shared/http/match-route.ts';
import { expectSchema, schemaPointer } from '../support/described.ts';
import { pathOf, type SentRequest } from './model-calls/meant-for.ts';

/** What servers in front of the app answer by themselves: a request that takes too long, or expects or brings along too much. */
const ofPlatform = [408, 414, 417, 431];

/** Servers read others in several ways. */
const plainTarget = /^(?:\/[\w.-]+)+(?:\?[^#]*)?$/;

/**
 * How an answer differs from the description of the API; undefined where it does not, and for requests that are of no route for sure.
 * @param received the bytes of the answer as they came, one character each
 */
export function undescribed({ method, target }: SentRequest, status: number, received: string): string | undefined {
  const route = routesOfPath(routes, pathOf(target)).find((one) => one.method === method);
  if (!route || !plainTarget.test(target) || ofPlatform.includes(status)) return undefined;
  if (!responsesOf(route).has(status)) return `the status ${status} is not described`;
  const { type, body } = wholeAnswer(received) ?? { type: '', body: '' };
  if (!/\bjson$/.test(type)) return undefined;
  try {
    expectSchema(schemaPointer(route.path, route.method, status, type), JSON.parse(body));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 500) : String(error);
  }
}

/** The type and body of an answer; undefined where not all of it came. */
export function wholeAnswer(received: string): { type: string; body: string } | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = received.slice(0, end);
  const rest = received.slice(end + 4);
  const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  const isChunked = header('transfer-encoding') === 'chunked';
  const body = isChunked ? unchunked(rest) : wholeOf(rest, header('content-length'));
  const type = header('content-type').split(';')[0] ?? '';
  return body === undefined ? undefined : { type, body: Buffer.from(body, 'latin1').toString() };
}

const wholeOf = (rest: string, length: string): string | undefined =>
  length !== '' && rest.length >= Number(length) ? rest.slice(0, Number(length)) : undefined;

function unchunked(rest: string): string | undefined {
  let body = '';
  for (let at = 0; ; ) {
    const end = rest.indexOf('\r\n', at);
    const size = Number.parseInt(rest.slice(at, end), 16);
    if (end === -1 || Number.isNaN(size) || rest.length < end + 4 + size) return undefined;
    if (size === 0) return body;
    body += rest.slice(end + 2, end + 2 + size);
    at = end + 4 + size;
  }
}
