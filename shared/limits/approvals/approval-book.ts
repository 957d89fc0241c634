import { odata } from '@azure/data-tables';
import { RowChangedError, RowExistsError } from '../../tables/errors.ts';
import type { Stored, Table } from '../../tables/table.ts';
import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { limitEndMs } from '../policies/limit-id.ts';
import { type Approval, type ApprovalRequest, type ApprovalTicket, approvalKey } from './approval.ts';
import { APPROVALS, type ApprovalRow, approvalOf, approvalRowOf, idOf, parseApprovalId } from './approval-rows.ts';

export interface ApprovalBookOptions {
  table: Table<ApprovalRow>;
  /** Reports an approval that is asked for. Doing it twice is once. */
  announce(approval: Approval): Promise<void>;
  clock: Clock;
  telemetry: Telemetry;
}

/** Approvals that wait at once: of all callers, and of one. */
const MOST_PENDING = 500;
const MOST_OF_CALLER = 10;
/** So long a process takes a state for that of now: a caller that asks again and again costs no more requests. */
const KNOWN_MS = 15_000;
const MOST_KNOWN = 10_000;
const MOST_LISTED = 1_000;
/** An approval that nobody decided is kept so long after its end. */
const UNDECIDED_MS = 86_400_000;

interface Known {
  ticket: ApprovalTicket | undefined;
  atMs: number;
}

/** What callers ask for at limits that ask, in the table `limitapprovals`. */
export class ApprovalBook {
  readonly #options: ApprovalBookOptions;
  #known = new Map<string, Known>();

  constructor(options: ApprovalBookOptions) {
    this.#options = options;
  }

  /**
   * The approval that a refused call needs; it is made where there is none that waits. The same call gets the same one.
   * Undefined where too many wait, or the table fails: the call is refused all the same.
   */
  async ask(asked: ApprovalRequest): Promise<ApprovalTicket | undefined> {
    const { clock, telemetry } = this.#options;
    const key = approvalKey(asked);
    const nowMs = clock.now();
    const known = this.#known.get(key);
    if (known && nowMs - known.atMs < KNOWN_MS) return known.ticket;
    try {
      const ticket = await this.#askFor(asked, key);
      this.#remember(key, { ticket, atMs: nowMs });
      return ticket;
    } catch (error) {
      telemetry.warn('approval-not-asked', { limitId: asked.limitId, ...describeError(error) });
      return undefined;
    }
  }

  /** Those that can be decided, or up to 1,000 of all; the latest first. @throws TableError */
  async list(onlyPending: boolean): Promise<Approval[]> {
    const { table, clock } = this.#options;
    const now = clock.now();
    const found: Approval[] = [];
    for await (const row of table.query({ partitionKey: APPROVALS, ...(onlyPending && { where: pendingOnly }) })) {
      const approval = approvalOf(row, now);
      if (!onlyPending || approval.state === 'pending') found.push(approval);
      if (found.length === MOST_LISTED) break;
    }
    return found.sort((a, b) => b.askedMs - a.askedMs);
  }

  /** Undefined where there is none of this id. @throws TableError */
  async find(id: string): Promise<{ approval: Approval; row: Stored<ApprovalRow> } | undefined> {
    const place = parseApprovalId(id);
    const row = place && (await this.#options.table.get(APPROVALS, place.rowKey));
    if (!row || place.round > row.round) return undefined;
    return { approval: approvalOf(row, this.#options.clock.now(), place.round), row };
  }

  /** @returns the row as it is then @throws RowChangedError when it was decided in the meantime */
  async change(row: Stored<ApprovalRow>, change: Partial<ApprovalRow>): Promise<Stored<ApprovalRow>> {
    const { etag, ...before } = row;
    const after = { ...before, ...change };
    this.#known.delete(row.rowKey);
    return { ...after, etag: await this.#options.table.replace(after, etag) };
  }

  /** Deletes those that ended before then (ms, UTC), and sooner those that nobody decided. @returns how many */
  async prune(beforeMs: number): Promise<number> {
    const { table, clock } = this.#options;
    const undecidedMs = Math.max(beforeMs, clock.now() - UNDECIDED_MS);
    let rows = 0;
    for await (const row of table.query({ partitionKey: APPROVALS })) {
      const { etag, state, until } = row;
      if (until.getTime() < (state === 'pending' ? undecidedMs : beforeMs) && (await table.remove(row, etag))) rows++;
    }
    return rows;
  }

  async #askFor(asked: ApprovalRequest, rowKey: string): Promise<ApprovalTicket | undefined> {
    const { table, clock, announce, telemetry } = this.#options;
    const now = clock.now();
    const found = await table.get(APPROVALS, rowKey);
    const before = found && approvalOf(found, now);
    if (before && (before.state === 'pending' || before.state === 'denied')) return before;
    if (await this.#isFull(asked)) {
      telemetry.count('approvals-too-many', 1, { policy: asked.policy });
      return undefined;
    }
    const row = approvalRowOf(asked, found, now, limitEndMs(asked.limitId));
    // First of all, so that no approval waits unreported.
    await announce(approvalOf(row, now));
    try {
      await (found ? table.replace(row, found.etag) : table.insert(row));
      telemetry.count('approvals-asked', 1, { policy: asked.policy });
    } catch (error) {
      // Another process was faster, with the same row.
      if (!(error instanceof RowExistsError || error instanceof RowChangedError)) throw error;
    }
    return { id: idOf(row), state: 'pending' };
  }

  async #isFull({ userId, accountName, keyName }: ApprovalRequest): Promise<boolean> {
    const { table, clock } = this.#options;
    let all = 0;
    let own = 0;
    const now = clock.now();
    for await (const row of table.query({ partitionKey: APPROVALS, where: pendingOnly })) {
      if (row.until.getTime() <= now) continue;
      all += 1;
      if (row.userId === userId && row.accountName === accountName && row.keyName === keyName) own += 1;
      if (all >= MOST_PENDING || own >= MOST_OF_CALLER) return true;
    }
    return false;
  }

  #remember(key: string, known: Known): void {
    if (this.#known.size >= MOST_KNOWN) this.#known = new Map();
    this.#known.set(key, known);
  }
}

const pendingOnly = odata`state eq ${'pending'}`;
