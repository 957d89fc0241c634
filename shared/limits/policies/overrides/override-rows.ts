import { z } from 'zod';
import type { Change, Stored } from '../../../tables/table.ts';
import { POLICIES, type PolicyRow } from '../changes/policy-rows.ts';
import { type Override, overrideEndMs, overrideId, overrideSchema } from './override.ts';

/** What row keys of overrides begin with. No key of another row is between them and those of policies. */
export const OVERRIDE = 'override!';
/** Behind all of them: a quotation mark follows an exclamation mark. */
export const OVERRIDE_END = 'override"';

const storedOverride = overrideSchema.extend({ policy: z.string(), name: z.string(), key: z.string() });

export const overrideRowKey = (place: Pick<Override, 'policy' | 'key'>): string => `${OVERRIDE}${overrideId(place)}`;

export const decodeOverride = (row: PolicyRow): Override => storedOverride.parse(JSON.parse(row.policy));

/** The one transaction that sets an override. `known`: its row as it is. Others that ended are deleted with it, as many as fit. */
export function settingChanges(
  rows: readonly Stored<PolicyRow>[],
  known: Stored<PolicyRow> | undefined,
  after: Override,
  nowMs: number,
): Change<PolicyRow>[] {
  const row: PolicyRow = { partitionKey: POLICIES, rowKey: overrideRowKey(after), policy: JSON.stringify(after) };
  const ended = rows.filter((one) => one !== known && overrideEndMs(decodeOverride(one)) <= nowMs);
  return [
    known ? { kind: 'replace', row, etag: known.etag } : { kind: 'insert', row },
    ...ended.slice(0, MOST_ENDED).map(({ partitionKey, rowKey }) => ({
      kind: 'delete' as const,
      key: { partitionKey, rowKey },
    })),
  ];
}

const MOST_ENDED = 50;
