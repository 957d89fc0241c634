import { z } from 'zod';
import { idText } from '../../util/id-text.ts';

/** Letters, digits and dashes: the readable part of a key, and who calls with it. A name is never used for a second key. */
export const keyNameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/);

const listOf = (longest: number) => z.array(z.string().min(1).max(longest)).min(1).max(50);
const time = z.iso.datetime();

/** What an admin decides about a key. */
export const keyRightsSchema = z.strictObject({
  role: z.enum(['user', 'admin']),
  /** Whom all of its calls count for. Absent: the caller may name an account. */
  account: idText(200).optional(),
  /** Names of use cases. Absent: all. */
  useCases: listOf(64).optional(),
  /** Ids of models as a request names them. Absent: all. */
  models: listOf(100).optional(),
  /** Routes as `npm run routes` prints them, such as `POST /api/analyze`. Absent: all that the role may call. */
  routes: listOf(100).optional(),
  /** Whether its callers may say for which user they call. Otherwise they call for the key's name. */
  namesUsers: z.boolean(),
  expiresAt: time.optional(),
});

/** A key as it is kept: its secrets only as hashes. */
export const keyRecordSchema = keyRightsSchema.extend({
  name: keyNameSchema,
  createdAt: time,
  createdBy: z.string(),
  revokedAt: time.optional(),
  /** The newest first: two while a key is rotated. */
  secrets: z
    .array(
      z.strictObject({
        /** SHA-256, hexadecimal. A secret is 32 random bytes, so a slow hash would add nothing. */
        hash: z.string().regex(/^[0-9a-f]{64}$/),
        createdAt: time,
        /** From when on it is not valid. */
        endsAt: time.optional(),
      }),
    )
    .min(1)
    .max(2),
});
export type KeyRecord = z.output<typeof keyRecordSchema>;

/** What of a key is shown to admins. */
export const keyViewSchema = keyRecordSchema.omit({ secrets: true }).extend({
  state: z.enum(['active', 'expired', 'revoked']),
  secrets: z.array(z.strictObject({ createdAt: time, endsAt: time.optional() })),
});
export type KeyView = z.output<typeof keyViewSchema>;

/** `nowMs`: UTC. */
export function stateOfKey({ revokedAt, expiresAt }: KeyRecord, nowMs: number): KeyView['state'] {
  if (revokedAt !== undefined) return 'revoked';
  return expiresAt !== undefined && Date.parse(expiresAt) <= nowMs ? 'expired' : 'active';
}

/** Without hashes. */
export const viewOfKey = (record: KeyRecord, nowMs: number): KeyView => ({
  ...record,
  state: stateOfKey(record, nowMs),
  secrets: secretsAt(record, nowMs).map(({ hash: _, ...times }) => times),
});

/** The secrets that are valid at a time (ms, UTC). */
export const secretsAt = ({ secrets }: Pick<KeyRecord, 'secrets'>, nowMs: number): KeyRecord['secrets'] =>
  secrets.filter(({ endsAt }) => endsAt === undefined || Date.parse(endsAt) > nowMs);
