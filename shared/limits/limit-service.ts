import type { Publisher } from '../events/publisher.ts';
import type { Limits } from '../payi/limits.ts';
import type { Tables } from '../tables/table.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import { type Clock, pause } from '../util/clock.ts';
import { AlertOutbox, type AlertRow } from './alerts/alert-outbox.ts';
import type { AlertReceiver } from './alerts/alert-receivers.ts';
import { approvalAlert } from './alerts/approval-alert.ts';
import { postAlert } from './alerts/post-alert.ts';
import { ThresholdAlerts } from './alerts/threshold-alerts.ts';
import { ApprovalBook } from './approvals/approval-book.ts';
import type { ApprovalRow } from './approvals/approval-rows.ts';
import { BudgetGate } from './gate/budget-gate.ts';
import type { CallCheck } from './gate/check-limits.ts';
import type { Gate, HoldRequest, LastingHolds } from './gate/gate.ts';
import { type LearnedRow, LearnedStore } from './gate/learned-store.ts';
import { expireOwners } from './owners/expire-owners.ts';
import { abandonLastingOwner, settleLastingOwner } from './owners/lasting-owners.ts';
import type { OwnerRow } from './owners/owner-rows.ts';
import { LimitCreator } from './payi/limit-creator.ts';
import { PayiMirror } from './payi/payi-mirror.ts';
import { refreshAll } from './payi/refresh-all.ts';
import type { PolicyRow } from './policies/changes/policy-rows.ts';
import { LimitsUnreadableError } from './policies/errors.ts';
import type { Policy } from './policies/policy.ts';
import { PolicyBook } from './policies/policy-book.ts';
import type { StateDeps } from './state/change-state.ts';
import { groupWrites } from './state/group-writes.ts';
import type { LimitRow, StateRow } from './state/limit-rows.ts';
import { prunePeriods } from './state/prune-periods.ts';

export interface LimitsOptions {
  tables: Tables;
  /** The policies of the settings; admins may change them later. */
  policies: readonly Policy[];
  payi: Limits;
  publisher: Publisher;
  clock: Clock;
  telemetry: Telemetry;
  /** Who gets alerts; at private addresses only where they are allowed. */
  receivers?: readonly AlertReceiver[];
  allowPrivateTargets?: boolean;
  /** Of [0, 1). */
  random?(): number;
}

/** Everything about limits in one process. */
export interface LimitService extends StateDeps {
  gate: Gate;
  lasting: LastingHolds;
  policies: PolicyBook;
  /** Alerts on their way, and those that were given up. */
  alerts: Pick<AlertOutbox, 'listDead' | 'replay'>;
  /** What callers ask for at limits of the type ask. */
  approvals: ApprovalBook;
  payi: Limits;
  /** Whether a call would pass, by the figures of now; nothing is held. @throws TableError */
  check(request: HoldRequest): Promise<CallCheck>;
  /** Writes what calls of this process hold and have cost of these limits, or of all, so that a reader of the table sees it. */
  writeDown(isWanted?: (limitId: string) => boolean): Promise<void>;
  /** See LimitsAtPayi. */
  ensureLimits(limitIds: Iterable<string>): Promise<void>;
  /** See PayiMirror. */
  refreshLimits(reported: ReadonlyMap<string, bigint>): void;
  /** Reads all limits of the current periods at Pay-i and announces what was left unannounced; delivers alerts that are due. */
  refreshAll(): Promise<void>;
  /** Ends the leases of processes that died (L2). */
  expire(): Promise<void>;
  /**
   * Deletes periods that ended before then (ms, UTC), and what was learned of kinds of calls that nobody has made since.
   * @returns how many rows
   */
  prune(beforeMs: number): Promise<number>;
  /** Writes everything down and gives back what no call in flight needs. */
  close(): Promise<void>;
}

const TICK_MS = 500;
const RELOAD_MS = 15_000;
const LEARN_MS = 10_000;

/** Starts the work in the background; it ends with `close`. */
export function createLimits(options: LimitsOptions): LimitService {
  const { tables, payi, clock, telemetry, publisher, random = Math.random } = options;
  const limits = groupWrites(tables.open<LimitRow>('limits'));
  const holders = tables.open<OwnerRow>('limitholders');
  const policies = new PolicyBook(tables.open<PolicyRow>('limitpolicies'), options.policies, clock);
  const learned = new LearnedStore(tables.open<LearnedRow>('limitlearned'), clock);
  const means = { limits, clock, random };
  const outbox = new AlertOutbox({
    table: tables.open<AlertRow>('limitalerts'),
    receivers: options.receivers ?? [],
    allowPrivate: options.allowPrivateTargets ?? false,
    post: postAlert,
    clock,
    telemetry,
  });
  const approvals = new ApprovalBook({
    table: tables.open<ApprovalRow>('limitapprovals'),
    announce: async (approval) => {
      const keys = await outbox.put(approvalAlert(approval));
      // What a process does not deliver at once is the timer's.
      void outbox
        .deliverSoon(keys)
        .catch((error: unknown) => telemetry.warn('approval-not-announced', describeError(error)));
    },
    clock,
    telemetry,
  });
  const crossings = new ThresholdAlerts({ ...means, telemetry, outbox });
  const crossed = (_limitId: string, state: StateRow) => crossings.reached(state);
  const mirror = new PayiMirror({ ...means, payi, telemetry, crossed });
  const atPayi = new LimitCreator({ limits, payi, policies, telemetry });
  const gate = new BudgetGate({
    ...means,
    holders,
    learned,
    telemetry,
    crossed,
    policies: () => policies.current(),
    overrides: () => policies.overrides(),
    ask: (asked) => approvals.ask(asked),
    refused: ({ limitId }, life, neededNano) => crossings.refused(limitId, life, neededNano),
  });

  /** Where the last refresh of all limits ended. Another process starts again. */
  let cursor: string | undefined;
  const stop = new AbortController();
  const every = async (ms: number, what: string, work: () => Promise<void>): Promise<void> => {
    while (!stop.signal.aborted) {
      await work().catch((error: unknown) => telemetry.warn(`${what}-failed`, describeError(error)));
      await pause(clock, ms, stop.signal);
    }
  };
  /** Until the policies were read once, what admins made is not known: only where all may be open do calls go ahead. */
  const readPolicies = () =>
    policies.read().catch((error: unknown) => {
      telemetry.count('limits-unreadable', 1, { policy: 'all' });
      const { policies: known } = options;
      const open = known.length > 0 && known.every(({ whenUnreadable }) => whenUnreadable === 'open');
      if (!open) throw new LimitsUnreadableError('The policies', error);
    });
  const loops = [
    every(TICK_MS, 'limits-tick', () => gate.tick()),
    every(TICK_MS, 'limits-refresh', () => mirror.flush(clock.now())),
    every(RELOAD_MS, 'policies-reload', () => policies.read()),
    every(LEARN_MS, 'limits-learning', () => learned.sync()),
  ];

  return {
    gate: {
      hold: async (request) => {
        if (!policies.isRead) await readPolicies();
        return gate.hold(request);
      },
    },
    lasting: {
      hold: async (request, id) => {
        if (!policies.isRead) await readPolicies();
        return gate.holdLasting(request, id);
      },
      settle: (id, used) => settleLastingOwner({ ...means, holders, crossed }, id, used),
      abandon: (id) => abandonLastingOwner(holders, id),
    },
    check: async (request) => {
      if (!policies.isRead) await policies.read();
      return gate.check(request);
    },
    policies,
    alerts: outbox,
    approvals,
    ...means,
    payi,
    writeDown: (isWanted = () => true) =>
      gate.writeDown(isWanted).catch((error: unknown) => telemetry.warn('limits-not-written', describeError(error))),
    ensureLimits: (limitIds) => atPayi.ensure(limitIds),
    refreshLimits: (reported) => mirror.refreshLimits(reported),
    refreshAll: async () => {
      cursor = await refreshAll({ limits, policies, mirror, crossings, outbox, clock, telemetry, cursor });
    },
    expire: () => expireOwners({ ...means, holders, publisher, telemetry, crossed }),
    prune: async (beforeMs) =>
      (await learned.prune(beforeMs)) +
      (await outbox.prune(beforeMs)) +
      (await approvals.prune(beforeMs)) +
      (await prunePeriods(limits, policies.current(), beforeMs, clock)),
    close: async () => {
      stop.abort();
      await Promise.all(loops);
      await mirror.flush();
      await gate.close();
      await learned.sync();
      await crossings.close();
    },
  };
}
