import type { Table } from '../../tables/table.ts';
import { uuidV7 } from '../../util/ids.ts';
import { inParallel } from '../../util/in-parallel.ts';
import type { AccountContext } from '../allocation/account-context.ts';
import { BudgetAccount } from '../allocation/budget-account.ts';
import { FirstUse } from '../allocation/first-use.ts';
import type { AppliedLimit } from '../policies/limit-id.ts';
import type { Policy } from '../policies/policy.ts';
import type { StateDeps } from '../state/change-state.ts';
import { HoldJournal } from './hold-journal.ts';
import { Lease } from './lease.ts';
import type { OwnerRow } from './owner-rows.ts';

export interface OwnerOptions extends StateDeps {
  holders: Table<OwnerRow>;
  crossed: AccountContext['crossed'];
}

/** An owner that is not a process. */
export interface LastingOwner {
  /** A UUID of version 7. */
  ownerId: string;
  /** How long its lease lasts; ms. */
  leaseMs: number;
}

/** Writes of one partition share requests, so many may be under way. */
const AT_ONCE = 1_600;

/** All that one owner holds: its lease, its accounts and the list of its calls in flight. A process that was taken for dead goes on with a new one. */
export class Owner {
  readonly ownerId: string;
  readonly lease: Lease;
  readonly journal: HoldJournal;
  readonly #accounts = new Map<string, BudgetAccount>();
  readonly #home: AccountContext;
  #holds = 0;

  constructor({ limits, holders, clock, random, crossed }: OwnerOptions, lasting?: LastingOwner) {
    this.ownerId = lasting?.ownerId ?? uuidV7(clock.now());
    this.lease = new Lease(this.ownerId, holders, clock, lasting?.leaseMs);
    this.journal = new HoldJournal(this.ownerId, holders, clock);
    const { lease } = this;
    this.#home = {
      table: limits,
      clock,
      random,
      ownerId: this.ownerId,
      firstUse: new FirstUse(),
      ready: (limitId) => lease.ready(limitId),
      alive: () => lease.alive(),
      crossed,
    };
  }

  /** Unique, since the owner's id is. */
  nextHoldId(): string {
    return `${this.ownerId}.${++this.#holds}`;
  }

  account(limit: AppliedLimit): BudgetAccount {
    const { limitId, policy } = limit;
    const known = this.#accounts.get(limitId);
    if (known) {
      known.policy = policy;
      return known;
    }
    const account = new BudgetAccount(limit, this.#home);
    this.#accounts.set(limitId, account);
    return account;
  }

  /** Gives limits that no new call asks for the policy that they have now; undefined leaves one as it is. */
  followPolicies(policyOf: (limitId: string) => Policy | undefined): void {
    for (const account of this.#accounts.values()) account.policy = policyOf(account.limitId) ?? account.policy;
  }

  /** Writes what is due. Rejects with the first failure after everything was tried. */
  async tick(): Promise<void> {
    const failures: unknown[] = [];
    const attempt = (work: () => Promise<void>) => work().catch((error: unknown) => void failures.push(error));
    if (this.journal.size > 0 && !this.lease.alive()) await attempt(() => this.lease.renew());
    else await attempt(() => this.lease.tick());
    await attempt(() => this.journal.write());
    await this.#eachAccount((account) => attempt(() => this.#tickAccount(account)));
    if (failures.length > 0) throw failures[0];
  }

  /** Writes the figures of the wanted limits; see `BudgetAccount.writeDown`. */
  async writeDown(isWanted: (limitId: string) => boolean): Promise<void> {
    await this.#eachAccount(async (account) => {
      if (isWanted(account.limitId)) await account.writeDown();
    });
  }

  /** Writes down what its calls hold and that it holds nothing else, for whoever settles them. */
  async leave(): Promise<void> {
    // Also of limits that refuse nothing, and so wrote nothing down yet.
    await this.#eachAccount((account) => account.sync());
    await this.close();
  }

  /** Gives everything back that no call in flight needs. What stays is found and counted as spent when the lease ends. */
  async close(): Promise<void> {
    await this.#eachAccount(async (account) => {
      await account.remove();
      this.#forgetIfEmpty(account);
    });
    if (this.#accounts.size > 0 || this.journal.size > 0) return this.journal.write(0);
    await this.journal.clear();
    await this.lease.close();
  }

  async #tickAccount(account: BudgetAccount): Promise<void> {
    await account.tick();
    if (account.idleLong) this.#forgetIfEmpty(account);
  }

  #forgetIfEmpty(account: BudgetAccount): void {
    if (account.empty) this.#accounts.delete(account.limitId);
  }

  async #eachAccount(work: (account: BudgetAccount) => Promise<void>): Promise<void> {
    await inParallel([...this.#accounts.values()], AT_ONCE, work);
  }
}
