import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import { parseLimitId, unitOf } from '../policies/limit-id.ts';
import { figuresOf } from '../policies/units.ts';
import { changeState, type StateDeps } from '../state/change-state.ts';
import { spentOf } from '../state/limit-math.ts';
import { levels, type StateRow } from '../state/limit-rows.ts';
import { alertOf, announcedColumns, type CrossingKind, lastCrossing, reachedBy, unannounced } from './alert.ts';
import type { AlertOutbox } from './alert-outbox.ts';

export interface ThresholdAlertOptions extends StateDeps {
  telemetry: Telemetry;
  outbox: AlertOutbox;
}

const reachedLevel = levels.indexOf('reached');
/** A crossing that is not in the outbox by then was left behind by a process that ended. */
const LEFT_BEHIND_MS = 120_000;
const REMEMBERED = 10_000;

/** Reports that a limit came to a level, or to a share of its maximum: once per crossing, whatever the number of processes. */
export class ThresholdAlerts {
  readonly #options: ThresholdAlertOptions;
  /** The largest refused call by limit and life, in nano-USD. */
  readonly #refused = new Map<string, bigint>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: ThresholdAlertOptions) {
    this.#options = options;
  }

  /** A write of this process was the first to bring the limit to its level or share. */
  reached(state: StateRow): void {
    const kind = lastCrossing(state);
    this.#log(state, kind);
    this.#inBackground(this.#announceAndDeliver(state, kind));
  }

  /**
   * A call that needed so much (nano-USD) was refused. Only the first refusal of all processes is a crossing; after a reset
   * or a change of the maximum (`life` is another then) the next one is one again. The largest one is kept.
   */
  refused(limitId: string, life: string, neededNano: bigint): void {
    const crossing = `${limitId} ${life}`;
    const known = this.#refused.get(crossing);
    if (known !== undefined && known >= neededNano) return;
    if (this.#refused.size >= REMEMBERED) this.#refused.clear();
    this.#refused.set(crossing, neededNano);
    const work = this.#noteRefusal(limitId, neededNano).catch((error: unknown) => {
      this.#refused.delete(crossing);
      throw error;
    });
    this.#inBackground(work);
  }

  /** Hands to the outbox what another process left unannounced; `deliverDue` delivers it. */
  async catchUp(state: StateRow): Promise<void> {
    const { outbox, clock } = this.#options;
    for (const kind of unannounced(state)) {
      const atMs = kind === 'share' ? (state.shareAtMs ?? 0) : state.levelAtMs;
      if (clock.now() - atMs < LEFT_BEHIND_MS) continue;
      // Without a target it is announced by the log alone, right before it is marked so.
      if (!outbox.hasReceivers) this.#log(state, kind);
      await outbox.put(alertOf(state, kind, clock.now()), clock.now());
      await this.#mark(state, kind);
    }
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #log(state: StateRow, kind: CrossingKind): void {
    const { telemetry } = this.#options;
    const { limitId } = state;
    const reached = reachedBy(state, kind);
    const policy = parseLimitId(limitId)?.policyName ?? 'unknown';
    telemetry.warn('limit-crossed', {
      limitId,
      reached,
      ...figuresOf(unitOf(limitId), { max: state.maxNano, spent: spentOf(state) }),
    });
    telemetry.count('limits-crossed', 1, { policy, reached });
  }

  async #noteRefusal(limitId: string, refusedNano: bigint): Promise<void> {
    const { clock } = this.#options;
    let first = false;
    const state = await changeState(this.#options, limitId, (before) => {
      first = before.level < reachedLevel;
      if (first) return { state: { ...before, level: reachedLevel, levelAtMs: clock.now(), refusedNano } };
      return refusedNano > (before.refusedNano ?? 0n) ? { state: { ...before, refusedNano } } : undefined;
    });
    if (first) this.reached(state);
  }

  async #announceAndDeliver(state: StateRow, kind: CrossingKind): Promise<void> {
    const { outbox, clock } = this.#options;
    const keys = await outbox.put(alertOf(state, kind, clock.now()));
    const marked = this.#mark(state, kind);
    marked.catch(() => undefined); // Heard below.
    await outbox.deliverSoon(keys);
    await marked;
  }

  /** Notes that a crossing is in the outbox. */
  async #mark(state: StateRow, kind: CrossingKind): Promise<void> {
    await changeState(this.#options, state.limitId, (now) => {
      if (now.epoch !== state.epoch) return undefined;
      const done = announcedColumns(state, kind, now);
      return Object.keys(done).length > 0 ? { state: { ...now, ...done } } : undefined;
    });
  }

  #inBackground(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => this.#options.telemetry.warn('limit-crossing-not-announced', describeError(error)))
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }
}
