import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { RowChangedError, RowExistsError } from '../../tables/errors.ts';
import type { RowKey, Stored, Table } from '../../tables/table.ts';
import type { Clock } from '../../util/clock.ts';
import { uuidV7 } from '../../util/ids.ts';
import { type Policy, policySchema } from './policy.ts';

/** Rows of the table `limitpolicies`: what admins changed, and the trail of it, in one partition. */
export interface PolicyRow extends RowKey {
  /** The policy as JSON; '' where it was deleted. In the trail: after the change. */
  policy: string;
  /** Only in the trail. */
  name?: string;
  before?: string;
  changedBy?: string;
  changedAt?: Date;
}

/** One entry of the audit trail. */
export interface PolicyChange {
  name: string;
  changedBy: string;
  /** ISO 8601, UTC. */
  changedAt: string;
  from: Policy | null;
  to: Policy | null;
}

const PARTITION = 'policies';
const POLICY = 'policy!';
const CHANGE = 'change!';
const ATTEMPTS = 10;

/** The policies of the settings, with what admins changed since. Changes made elsewhere are seen by `reload`. */
export class PolicyBook {
  readonly #table: Table<PolicyRow>;
  readonly #clock: Clock;
  readonly #settings: readonly Policy[];
  #current: readonly Policy[];
  #decoded = '[]';
  #isRead = false;
  #reading: Promise<void> | undefined;

  constructor(table: Table<PolicyRow>, settings: readonly Policy[], clock: Clock) {
    this.#table = table;
    this.#clock = clock;
    this.#settings = settings;
    this.#current = settings;
  }

  /** As of the last `reload`. The same array until something changes. */
  current(): readonly Policy[] {
    return this.#current;
  }

  find(name: string): Policy | undefined {
    return this.#current.find((policy) => policy.name === name);
  }

  /** True once the table was read: what admins changed is known. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** Reads the table; callers at once share one read. @throws TableError */
  read(): Promise<void> {
    this.#reading ??= this.reload().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Reads the table as it is from now on. @throws TableError */
  async reload(): Promise<void> {
    const rows: PolicyRow[] = [];
    for await (const row of this.#table.query({ partitionKey: PARTITION, from: POLICY, before: 'policy"' })) {
      rows.push(row);
    }
    const decoded = JSON.stringify(rows.map(({ rowKey, policy }) => [rowKey, policy]));
    if (decoded === this.#decoded) {
      this.#isRead = true;
      return;
    }
    const changed = new Map(rows.map((row) => [row.rowKey.slice(POLICY.length), decode(row.policy)]));
    const names = new Set([...this.#settings.map(({ name }) => name), ...changed.keys()]);
    this.#current = [...names].flatMap((name) => {
      const policy = changed.has(name) ? changed.get(name) : this.#settings.find((known) => known.name === name);
      return policy ? [policy] : [];
    });
    this.#decoded = decoded;
    this.#isRead = true;
  }

  /**
   * Creates, changes or (with undefined) deletes a policy and notes who did it, in one transaction.
   * @throws PolicyError 409 or 404 when the policy exists already or not
   */
  async change(
    name: string,
    changedBy: string,
    change: (before: Policy | undefined) => Policy | undefined,
  ): Promise<Policy | undefined> {
    for (let attempt = 1; ; attempt++) {
      const row = await this.#table.get(PARTITION, `${POLICY}${name}`);
      const before = row ? decode(row.policy) : this.#settings.find((policy) => policy.name === name);
      const after = change(before);
      try {
        await this.#write(name, changedBy, row, before, after);
        await this.reload();
        return after;
      } catch (error) {
        const overtaken = error instanceof RowChangedError || error instanceof RowExistsError;
        if (!overtaken || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** The audit trail, latest first. */
  async changes(most = 100): Promise<PolicyChange[]> {
    const changes: PolicyChange[] = [];
    for await (const row of this.#table.query({ partitionKey: PARTITION, from: CHANGE, before: 'change"' })) {
      changes.push({
        name: row.name ?? '',
        changedBy: row.changedBy ?? '',
        changedAt: row.changedAt?.toISOString() ?? '',
        from: decode(row.before ?? '') ?? null,
        to: decode(row.policy) ?? null,
      });
    }
    return changes.reverse().slice(0, most);
  }

  async #write(
    name: string,
    changedBy: string,
    found: Stored<PolicyRow> | undefined,
    before: Policy | undefined,
    after: Policy | undefined,
  ): Promise<void> {
    const policy = after ? JSON.stringify(after) : '';
    const row: PolicyRow = { partitionKey: PARTITION, rowKey: `${POLICY}${name}`, policy };
    const changedAtMs = this.#clock.now();
    await this.#table.transact([
      found ? { kind: 'replace', row, etag: found.etag } : { kind: 'insert', row },
      {
        kind: 'insert',
        row: {
          partitionKey: PARTITION,
          rowKey: `${CHANGE}${uuidV7(changedAtMs)}`,
          name,
          changedBy,
          changedAt: new Date(changedAtMs),
          before: before ? JSON.stringify(before) : '',
          policy,
        },
      },
    ]);
  }
}

export class PolicyError extends TrailmeterError {}

const decode = (policy: string): Policy | undefined =>
  policy === '' ? undefined : policySchema.parse(JSON.parse(policy));
