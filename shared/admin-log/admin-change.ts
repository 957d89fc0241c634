import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Caller } from '../identity/caller.ts';

const origin = z.strictObject({
  /** Where the request came from, as the platform saw it; null where it does not say. */
  address: z.string().nullable(),
  requestId: z.string(),
});

/** One change that an admin asked for. */
export const adminChangeSchema = z.strictObject({
  id: z.string(),
  /** ISO 8601, UTC. */
  at: z.iso.datetime(),
  /** The function that was called, such as `revoke-key`. */
  action: z.string(),
  /** What it was about: the name of a key or policy, the id of a limit; '' where the action has no single object. */
  target: z.string(),
  who: z.strictObject({
    userId: z.string(),
    via: z.string(),
    /** Name of the access key. */
    key: z.string().nullable(),
  }),
  from: origin,
  /** `begun`: the process ended before it was known, so the change may have happened. */
  outcome: z.enum(['begun', 'done', 'failed']),
  /** The code of the error, of one that failed. */
  error: z.string().nullable(),
  before: z.unknown(),
  after: z.unknown(),
});
export type AdminChange = z.output<typeof adminChangeSchema>;

export type ChangeOrigin = z.output<typeof origin>;

const MAX_ADDRESS = 60;

export const whoOf = ({ userId, via, key }: Caller): AdminChange['who'] => ({ userId, via, key: key?.name ?? null });

/** The last address of `x-forwarded-for`, without its port: the platform appends it, and all before it is the client's to say. */
export function originOf({ headers }: Pick<HttpRequest, 'headers'>, requestId: string): ChangeOrigin {
  const last = headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';
  const address = /^\[(.+)\](?::\d+)?$/.exec(last)?.[1] ?? last.replace(/^([\d.]+):\d+$/, '$1');
  return { address: /^[0-9a-fA-F.:]+$/.test(address) ? address.slice(0, MAX_ADDRESS) : null, requestId };
}
