import { type DeadLetter, type DeadLetterStore, deadLetterStates } from '../dead-letters/dead-letter-store.ts';
import { renameUserInFiles } from '../export/rename-user.ts';
import type { ExportFiles } from '../export/usage-export.ts';
import type { KeyService } from '../identity/keys/key-service.ts';
import type { InstanceStore } from '../instances/instance-store.ts';
import { renameUserInLedger } from '../ledger/rename-user.ts';
import type { ApprovalRow } from '../limits/approvals/approval-rows.ts';
import type { PolicyRow } from '../limits/policies/changes/policy-rows.ts';
import { removeUserApprovals } from '../limits/remove-user-approvals.ts';
import { removeUserLimits } from '../limits/remove-user-limits.ts';
import { removeUserOverrides } from '../limits/remove-user-overrides.ts';
import type { LimitRow } from '../limits/state/limit-rows.ts';
import type { Table, Tables } from '../tables/table.ts';
import { renameUserInRefusals } from '../usage/refusals/rename-user.ts';
import { renameUserInRollups } from '../usage/rollups/rename-user.ts';
import { createRollupStore } from '../usage/rollups/rollup-store.ts';
import type { Clock } from '../util/clock.ts';
import type { Sweep, Swept } from '../util/sweep.ts';
import type { UserRename } from '../util/user-rename.ts';

/** Where the data of a user are deleted. */
export interface ErasureSources {
  tables: Tables;
  instances: Pick<InstanceStore, 'removeOfUser'>;
  deadLetters: Pick<DeadLetterStore, 'list' | 'mark' | 'find'>;
  keys: Pick<KeyService, 'forgetUser'>;
  limits: Table<LimitRow>;
  /** What users have at the provider through a gateway. */
  atProvider: { removeOfUser(rename: UserRename, sweep: Sweep): Promise<Swept> };
  /** Absent where the export is off. */
  files?: (() => Promise<ExportFiles>) | undefined;
  clock: Clock;
}

/** What was deleted, or made anonymous. */
export interface ErasureCounts {
  accessKeys: number;
  instances: number;
  deadLetters: number;
  /** Of the ledger, and those of them that Pay-i has. */
  usageEvents: number;
  ingestedEvents: number;
  /** Hours and days of usage by user, and rows of refused calls. */
  rollups: number;
  refusals: number;
  /** With overrides and approvals of limits. */
  limits: number;
  /** Files of the export that were replaced. */
  exportedFiles: number;
  /** Batches and files at the provider. */
  atProvider: number;
}

/** One part of a deletion. Doing it again does what is left. */
type ErasureStep = (
  sources: ErasureSources,
  rename: UserRename,
  sweep: Sweep,
) => Promise<{ next: string | undefined; counts: Partial<ErasureCounts> }>;

/** In this order: rollups after the ledger, since a fold that has read the ledger as it was loses against the change of its rollup. */
export const erasureSteps: readonly ErasureStep[] = [
  async ({ keys }, { userId, name }) => ({
    next: undefined,
    counts: { accessKeys: await keys.forgetUser(userId, name) },
  }),
  async ({ instances }, { userId, beforeMs }, sweep) => {
    const { next, changed } = await instances.removeOfUser(userId, beforeMs, sweep);
    return { next, counts: { instances: changed } };
  },
  renameInDeadLetters,
  async ({ tables }, rename, sweep) => {
    const { next, changed, ingested } = await renameUserInLedger(tables, rename, sweep);
    return { next, counts: { usageEvents: changed, ingestedEvents: ingested } };
  },
  async ({ tables }, rename, sweep) => {
    const { next, changed } = await renameUserInRefusals(tables, rename, sweep);
    return { next, counts: { refusals: changed } };
  },
  async ({ tables, clock }, rename, sweep) => {
    const { next, changed } = await renameUserInRollups({ store: createRollupStore(tables), clock }, rename, sweep);
    return { next, counts: { rollups: changed } };
  },
  async ({ tables }, { userId }) => ({
    next: undefined,
    counts: { limits: await removeUserOverrides(tables.open<PolicyRow>('limitpolicies'), userId) },
  }),
  async ({ tables }, { userId }) => ({
    next: undefined,
    counts: { limits: await removeUserApprovals(tables.open<ApprovalRow>('limitapprovals'), userId) },
  }),
  async ({ limits }, { userId }, sweep) => {
    const { next, changed } = await removeUserLimits(limits, userId, sweep);
    return { next, counts: { limits: changed } };
  },
  // After the ledger, from which the export takes names.
  async ({ files }, rename, sweep) => {
    if (!files) return { next: undefined, counts: {} };
    const { next, changed } = await renameUserInFiles(await files(), rename, sweep);
    return { next, counts: { exportedFiles: changed } };
  },
  // Last, since the provider may not answer.
  async ({ atProvider }, rename, sweep) => {
    const { next, changed } = await atProvider.removeOfUser(rename, sweep);
    return { next, counts: { atProvider: changed } };
  },
];

/** It goes on from the first letter of a state: letters are few, and those that were renamed are passed over. */
async function renameInDeadLetters(
  { deadLetters }: ErasureSources,
  rename: UserRename,
  { from, isOver }: Sweep,
): ReturnType<ErasureStep> {
  let changed = 0;
  const known: readonly string[] = deadLetterStates;
  const first = known.indexOf(from);
  for (const state of deadLetterStates.slice(Math.max(0, first))) {
    for await (const letter of deadLetters.list({ state })) {
      if (isOver()) return { next: state, counts: { deadLetters: changed } };
      if (await renameInLetter(deadLetters, letter, rename)) changed += 1;
    }
  }
  return { next: undefined, counts: { deadLetters: changed } };
}

const ATTEMPTS = 5;
const TEXT_DELETED = 'It was deleted with the data of its user.';

async function renameInLetter(
  deadLetters: ErasureSources['deadLetters'],
  listed: DeadLetter,
  rename: UserRename,
): Promise<boolean> {
  let letter: DeadLetter | undefined = listed;
  let changed = false;
  // A mark of a letter that was put again meanwhile does nothing: it is read again.
  for (let attempt = 1; letter && attempt <= ATTEMPTS; attempt++) {
    const renamed = renamedLetter(letter, rename);
    if (!renamed) return changed;
    await deadLetters.mark(renamed, letter.state);
    changed = true;
    letter = await deadLetters.find(letter.id);
  }
  return changed;
}

/** Undefined where it is not the user's. */
function renamedLetter(letter: DeadLetter, { userId, name, beforeMs }: UserRename): DeadLetter | undefined {
  const event = letter.outgoing?.event;
  if (letter.outgoing && event?.kind === 'usage')
    return event.userId === userId && Date.parse(event.occurredAt) < beforeMs
      ? { ...letter, outgoing: { ...letter.outgoing, event: { ...event, userId: name } } }
      : undefined;
  // The text of a message that is not an event may name the user.
  return letter.text?.includes(JSON.stringify(userId)) ? { ...letter, text: TEXT_DELETED } : undefined;
}
