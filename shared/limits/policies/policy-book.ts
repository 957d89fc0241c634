import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { RowChangedError, RowExistsError } from '../../tables/errors.ts';
import { type Change, MAX_CHANGES, type Stored, type Table } from '../../tables/table.ts';
import type { Clock } from '../../util/clock.ts';
import { stepsBetween } from './changes/policy-difference.ts';
import { decodePolicy, encodePolicy, POLICIES, type PolicyRow } from './changes/policy-rows.ts';
import { type PolicyChange, type PolicyStep, readTrail, trailRow } from './changes/policy-trail.ts';
import type { Policy } from './policy.ts';

const POLICY = 'policy!';
const ATTEMPTS = 10;
const MOST_CHANGES = 100;
/** Each takes two rows of a transaction. */
const mostSteps = Math.floor(MAX_CHANGES / 2);

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
    const rows = await this.#rows();
    const decoded = JSON.stringify(rows.map(({ rowKey, policy }) => [rowKey, policy]));
    if (decoded === this.#decoded) {
      this.#isRead = true;
      return;
    }
    this.#current = this.#withSettings(rows);
    this.#decoded = decoded;
    this.#isRead = true;
  }

  /**
   * Creates, changes or (with undefined) deletes a policy and notes who did it, in one transaction.
   * @throws what `change` throws, for example because the policy is not as its author saw it
   */
  async change(
    name: string,
    changedBy: string,
    change: (before: Policy | undefined) => Policy | undefined,
  ): Promise<Policy | undefined> {
    return this.#untilWritten(async () => {
      const row = await this.#table.get(POLICIES, `${POLICY}${name}`);
      const before = row ? decodePolicy(row.policy) : this.#settings.find((policy) => policy.name === name);
      const after = change(before);
      await this.#write([{ name, before, after }], changedBy, new Map(row && [[name, row]]));
      return after;
    });
  }

  /**
   * Makes the policies those that `change` returns: others are deleted. All in one transaction, with who did it.
   * @returns what became of those that differ
   * @throws PolicyError 400 for more changes than one transaction takes; what `change` throws
   */
  async changeAll(changedBy: string, change: (before: readonly Policy[]) => readonly Policy[]): Promise<PolicyStep[]> {
    return this.#untilWritten(async () => {
      const rows = await this.#rows();
      const before = this.#withSettings(rows);
      const steps = stepsBetween(before, change(before));
      if (steps.length > mostSteps) {
        const text = `${steps.length} policies differ. Change at most ${mostSteps} at a time.`;
        throw new PolicyError('too_many_changes', text, { status: 400, details: { changes: steps.length } });
      }
      const found = new Map(rows.map((row) => [row.rowKey.slice(POLICY.length), row]));
      if (steps.length > 0) await this.#write(steps, changedBy, found);
      return steps;
    });
  }

  /** The audit trail of all policies or of one, latest first. */
  changes(name?: string): Promise<PolicyChange[]> {
    return readTrail(this.#table, MOST_CHANGES, name);
  }

  async #rows(): Promise<Stored<PolicyRow>[]> {
    const rows: Stored<PolicyRow>[] = [];
    for await (const row of this.#table.query({ partitionKey: POLICIES, from: POLICY, before: 'policy"' })) {
      rows.push(row);
    }
    return rows;
  }

  /** The policies of the settings in their order, then those that admins made. */
  #withSettings(rows: readonly PolicyRow[]): Policy[] {
    const changed = new Map(rows.map((row) => [row.rowKey.slice(POLICY.length), decodePolicy(row.policy)]));
    const names = new Set([...this.#settings.map(({ name }) => name), ...changed.keys()]);
    return [...names].flatMap((name) => {
      const policy = changed.has(name) ? changed.get(name) : this.#settings.find((known) => known.name === name);
      return policy ? [policy] : [];
    });
  }

  /** Does it again where another admin was faster, and reads what there is then. */
  async #untilWritten<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await work();
        await this.reload();
        return result;
      } catch (error) {
        const overtaken = error instanceof RowChangedError || error instanceof RowExistsError;
        if (!overtaken || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #write(
    steps: readonly PolicyStep[],
    changedBy: string,
    found: ReadonlyMap<string, Stored<PolicyRow>>,
  ): Promise<void> {
    const now = this.#clock.now();
    await this.#table.transact(
      steps.flatMap((step): Change<PolicyRow>[] => {
        const row: PolicyRow = {
          partitionKey: POLICIES,
          rowKey: `${POLICY}${step.name}`,
          policy: encodePolicy(step.after),
        };
        const known = found.get(step.name);
        return [
          known ? { kind: 'replace', row, etag: known.etag } : { kind: 'insert', row },
          trailRow(step, changedBy, now),
        ];
      }),
    );
  }
}

export class PolicyError extends TrailmeterError {}
