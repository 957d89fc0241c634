import { type LookupAddress, lookup } from 'node:dns';
import { type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { isPublicAddress } from './public-address.ts';

/** The target of an alert is an address of a private network. */
export class PrivateTargetError extends TrailmeterError {
  constructor(hostname: string) {
    super(
      'private_target',
      `${hostname} is a private, local or reserved address. LIMIT_WEBHOOK_PRIVATE=true allows such targets.`,
    );
  }
}

export type Resolve = (
  hostname: string,
  options: { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface PostOptions {
  url: string;
  body: string;
  headers: Record<string, string>;
  allowPrivate: boolean;
  timeoutMs: number;
  resolve?: Resolve;
}

/**
 * Posts JSON. The connection goes to an address that was checked, whatever the name says a moment later, and redirects are not followed.
 * @returns the status of the answer
 * @throws PrivateTargetError where any address of the target is private; errors of the network
 */
export function postAlert({ url, body, headers, allowPrivate, timeoutMs, resolve }: PostOptions): Promise<number> {
  const { protocol, hostname } = new URL(url);
  const literal = hostname.replace(/^\[|\]$/g, '');
  // Without a name nothing is looked up.
  if (!allowPrivate && isIP(literal) !== 0 && !isPublicAddress(literal))
    return Promise.reject(new PrivateTargetError(literal));
  const options: RequestOptions = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    signal: AbortSignal.timeout(timeoutMs),
    lookup: checkedLookup(allowPrivate, resolve ?? lookup),
    // A connection of an earlier request went to an address of then.
    agent: false,
  };
  return new Promise((done, failed) => {
    const request = (protocol === 'https:' ? requestHttps : requestHttp)(url, options, (answer) => {
      answer.destroy();
      done(answer.statusCode ?? 0);
    });
    request.on('error', failed);
    request.end(body);
  });
}

/** Looks up as usual, and refuses a name of which one address is private. */
const checkedLookup =
  (allowPrivate: boolean, resolve: Resolve): LookupFunction =>
  (hostname, options, done) =>
    resolve(hostname, { all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return done(error ?? new Error(`${hostname} has no address.`), '', 0);
      if (!allowPrivate && !addresses.every(({ address }) => isPublicAddress(address)))
        return done(new PrivateTargetError(hostname), '', 0);
      return options.all ? done(null, addresses) : done(null, first.address, first.family);
    });
