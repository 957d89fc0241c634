import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { RowChangedError, RowExistsError } from '../../tables/errors.ts';
import { type Change, MAX_CHANGES, type Stored, type Table } from '../../tables/table.ts';
import type { Clock } from '../../util/clock.ts';
import { stepsBetween } from './changes/policy-difference.ts';
import { decodePolicy, encodePolicy, POLICIES, type PolicyRow } from './changes/policy-rows.ts';
import { type PolicyChange, type PolicyStep, readTrail, trailRow } from './changes/policy-trail.ts';
import { parseLimitId } from './limit-id.ts';
import { effectivePolicy } from './overrides/effective-policy.ts';
import { noOverrides, type Override, type Overrides, overrideEndMs, overrideId } from './overrides/override.ts';
import { decodeOverride, OVERRIDE, OVERRIDE_END, overrideRowKey, settingChanges } from './overrides/override-rows.ts';
import type { Policy } from './policy.ts';

const POLICY = 'policy!';
/** A quotation mark follows an exclamation mark. */
const POLICY_END = 'policy"';
const ATTEMPTS = 10;
const MOST_CHANGES = 100;
/** With the policies they are read in one request. */
const MOST_OVERRIDES = 500;
/** Each takes two rows of a transaction. */
const mostSteps = Math.floor(MAX_CHANGES / 2);

/** The policies of the settings, with what admins changed since. Changes made elsewhere are seen by `reload`. */
export class PolicyBook {
  readonly #table: Table<PolicyRow>;
  readonly #clock: Clock;
  readonly #settings: readonly Policy[];
  #current: readonly Policy[];
  #overrides: Overrides = noOverrides;
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

  /** As of the last `reload`, those that ended too. The same object until something changes. */
  overrides(): Overrides {
    return this.#overrides;
  }

  /** A policy with the maximum that it has now for one of its limits. */
  forLimit(policy: Policy, limitId: string): Policy {
    return effectivePolicy(policy, parseLimitId(limitId)?.key, this.#overrides, this.#clock.now());
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
    const rows = await this.#rows(OVERRIDE, POLICY_END);
    const decoded = JSON.stringify(rows.map(({ rowKey, policy }) => [rowKey, policy]));
    if (decoded === this.#decoded) {
      this.#isRead = true;
      return;
    }
    const overrides = new Map(
      rows.filter(isOverride).map((row) => {
        const override = decodeOverride(row);
        return [overrideId(override), override];
      }),
    );
    this.#current = this.#withSettings(rows.filter((row) => !isOverride(row)));
    this.#overrides = overrides;
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
      const rows = await this.#rows(POLICY, POLICY_END);
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

  /**
   * Sets the override of a policy for one key, or with undefined deletes it. Another admin's change at the same time is seen by `change`.
   * @throws PolicyError 400 when there are too many; what `change` throws
   */
  async changeOverride(
    place: Pick<Override, 'policy' | 'key'>,
    change: (before: Override | undefined) => Override | undefined,
  ): Promise<void> {
    await this.#untilWritten(async () => {
      const rows = await this.#rows(OVERRIDE, OVERRIDE_END);
      const now = this.#clock.now();
      const known = rows.find(({ rowKey }) => rowKey === overrideRowKey(place));
      const after = change(known && decodeOverride(known));
      if (!after) {
        if (known) await this.#table.remove(known, known.etag);
        return;
      }
      const running = rows.filter((row) => row !== known && overrideEndMs(decodeOverride(row)) > now).length;
      if (running >= MOST_OVERRIDES) {
        const text = `There are ${MOST_OVERRIDES} overrides already. Delete one, or change the policy for all.`;
        throw new PolicyError('too_many_overrides', text, { status: 400, details: { most: MOST_OVERRIDES } });
      }
      await this.#table.transact(settingChanges(rows, known, after, now));
    });
  }

  /** The audit trail of all policies or of one, latest first. */
  changes(name?: string): Promise<PolicyChange[]> {
    return readTrail(this.#table, MOST_CHANGES, name);
  }

  async #rows(from: string, before: string): Promise<Stored<PolicyRow>[]> {
    const rows: Stored<PolicyRow>[] = [];
    for await (const row of this.#table.query({ partitionKey: POLICIES, from, before })) rows.push(row);
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

const isOverride = ({ rowKey }: PolicyRow): boolean => rowKey.startsWith(OVERRIDE);

export class PolicyError extends TrailmeterError {}
